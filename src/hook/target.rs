//! What a request's target says: the hook's name and the base path, or the REST API.

/// A target taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    /// The path, without scheme, authority and query.
    pub(super) path: &'a str,
    /// What stands before the last segment, without the slash between.
    pub(super) base: &'a str,
    /// The last segment that is not empty.
    pub(super) name: &'a str,
    /// Whether the path belongs to WCS's own REST API.
    pub(super) is_rest_api: bool,
}

/// First segments of the REST API's paths, today's and those of WCS 4.
const REST_API: [&str; 3] = ["rest-api", "RESTCall", "RESTCallback"];

impl<'a> Target<'a> {
    /// Takes a target apart (RFC 9112, section 3.2: origin form or absolute form).
    pub(super) fn parse(target: &'a str) -> Self {
        let scheme = if target.starts_with('/') { None } else { target.split_once("://") };
        let origin = match scheme {
            Some((scheme, rest)) if scheme.bytes().all(|octet| octet.is_ascii_alphanumeric()) => {
                rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
            }
            _ => target,
        };
        let end = memchr::memchr2(b'?', b'#', origin.as_bytes());
        let path = end.and_then(|end| origin.get(..end)).unwrap_or(origin);
        let (base, name) = path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", ""));
        let is_rest_api =
            base.split('/').any(|segment| REST_API.iter().any(|api| segment.eq_ignore_ascii_case(api)));
        Self { path, base, name, is_rest_api }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(target: &str) -> (&str, &str, bool) {
        let target = Target::parse(target);
        (target.base, target.name, target.is_rest_api)
    }

    #[test]
    fn the_last_segment_is_the_name_under_any_base() {
        assert_eq!(parts("/EchoApp/connect"), ("/EchoApp", "connect", false));
        assert_eq!(parts("/EchoApp/index.php/playHLS?token=a/b"), ("/EchoApp/index.php", "playHLS", false));
        assert_eq!(parts("http://backend:8081/rest/my_api/call/"), ("/rest/my_api", "call", false));
        assert_eq!(parts("/connect"), ("", "connect", false));
        assert_eq!(parts("http://backend"), ("", "", false));
        assert_eq!(parts("*"), ("", "", false));
    }

    #[test]
    fn the_rest_api_is_no_hook_though_names_are_shared() {
        for path in
            ["/rest-api/api/call", "/rest-api/call/startup", "/RESTCall/hangup", "/RestCallback/sendData"]
        {
            assert!(parts(path).2, "{path}");
        }
        assert!(!parts("/my-rest-api-app/call").2);
    }
}
