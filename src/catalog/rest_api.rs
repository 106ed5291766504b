//! Calls of WCS's REST API, and the hooks that they cause.
//!
//! No document says which hooks a call causes: the table is inferred from what the calls do (D17, D17a, C10, C11).

use super::HookMethod;

/// Calls of the REST API that cause hooks.
#[derive(Debug)]
pub struct RestApiMethod {
    /// The last segments of their paths.
    pub paths: &'static [&'static str],
    /// Members of the call's body, or of its response, that the hooks name as well.
    pub keys: &'static [&'static str],
    /// The methods of the hooks.
    pub causes: &'static [HookMethod],
}

/// The table.
pub static REST_API: [RestApiMethod; 7] = [
    RestApiMethod {
        paths: &["/api/create-session"],
        keys: &["sessionId"],
        causes: &[
            HookMethod::Connect,
            HookMethod::ConnectionStatusEvent,
            HookMethod::RegistrationStatusEvent,
        ],
    },
    RestApiMethod {
        paths: &["/call/startup", "/api/call", "/RESTCall/call"],
        keys: &["callId"],
        causes: &[HookMethod::Call, HookMethod::CallStatusEvent],
    },
    RestApiMethod {
        paths: &["/call/terminate", "/api/hangup", "/RESTCall/hangup"],
        keys: &["callId"],
        causes: &[HookMethod::Hangup, HookMethod::CallStatusEvent],
    },
    RestApiMethod {
        paths: &["/call/send_dtmf", "/RESTCall/sendDTMF"],
        keys: &["callId"],
        causes: &[HookMethod::SendDtmf],
    },
    RestApiMethod {
        paths: &["/stream/terminate"],
        keys: &["mediaSessionId"],
        causes: &[HookMethod::UnPublishStream, HookMethod::StopStream, HookMethod::StreamStatusEvent],
    },
    RestApiMethod {
        paths: &["/connection/terminate", "/api/terminate"],
        keys: &["sessionId"],
        causes: &[HookMethod::ConnectionStatusEvent, HookMethod::RegistrationStatusEvent],
    },
    RestApiMethod {
        paths: &["/data/send", "/RESTCallback/sendData"],
        keys: &["operationId"],
        causes: &[HookMethod::OnDataEvent, HookMethod::DataStatusEvent],
    },
];

impl RestApiMethod {
    /// Finds a call's row by its path.
    pub fn from_path(path: &str) -> Option<&'static Self> {
        let path = path.trim_end_matches('/').to_ascii_lowercase();
        let ends = |known: &str| path.ends_with(&known.to_ascii_lowercase());
        REST_API.iter().find(|row| row.paths.iter().any(|known| ends(known)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_its_last_segments() {
        let causes = |path| RestApiMethod::from_path(path).map(|row| row.causes);
        assert!(causes("/rest-api/call/startup").unwrap().contains(&HookMethod::Call));
        assert!(causes("/restcall/call/").unwrap().contains(&HookMethod::Call));
        assert!(causes("/rest-api/v3/data/send").unwrap().contains(&HookMethod::DataStatusEvent));
        for other in ["/rest-api/call/find_all", "/rest-api/call", "/rest-api/stream/find", "/"] {
            assert!(causes(other).is_none(), "{other}");
        }
    }

    #[test]
    fn hooks_that_are_caused_name_what_the_call_names() {
        for row in &REST_API {
            assert!(!row.paths.is_empty() && !row.causes.is_empty());
            for (method, key) in
                row.causes.iter().flat_map(|method| row.keys.iter().map(move |key| (method, key)))
            {
                let named = method.spec().parameters.iter().any(|parameter| parameter.name == *key);
                assert!(named, "{} has no {key}", method.name());
            }
        }
    }
}
