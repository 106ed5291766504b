//! The capture filter of a recipe, in the language of libpcap.

use super::url::BackendUrl;
use std::collections::BTreeSet;

/// Where browsers connect to WCS: without them nobody can tell whether anybody was there to cause a hook.
pub(super) const BROWSERS: [u16; 2] = [8080, 8443];
/// Where hooks go by default, and calls of the REST API: an application may still have the default URL.
pub(super) const DEFAULTS: [u16; 2] = [8081, 9091];
/// Ports beyond which a list of them is worth nothing.
const MOST_PORTS: usize = 16;

/// What passes: TCP of backends, of browsers and of the default backend; DNS, if asked for; and ICMP, by which networks
/// refuse connections. No addresses: names may resolve to others meanwhile, and proxies stand between.
pub(super) fn filter<'u>(backends: impl Iterator<Item = &'u BackendUrl>, with_dns: bool) -> String {
    let ports: BTreeSet<u16> = backends.map(|backend| backend.port).chain(BROWSERS).chain(DEFAULTS).collect();
    let tcp = if ports.len() > MOST_PORTS {
        "tcp".to_owned()
    } else {
        // A number without a word before it takes over the words of the one before.
        format!("tcp port {}", ports.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "))
    };
    let dns = if with_dns { " or port 53" } else { "" };
    format!("{tcp}{dns} or icmp or icmp6")
}
