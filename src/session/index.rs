//! What is looked up again and again in a case, found without going over all hooks: made when it is first asked for.

use super::{Case, HookRecord, Target};
use crate::endpoint::{ConnectionId, Endpoint};
use crate::time::Timestamp;
use foldhash::{HashMap, HashSet};
use std::hash::Hash;
use std::net::IpAddr;

/// Ports of one host that backends may have and be down; who tries more looks for what is open.
const MOST_PORTS: usize = 4;
/// Ports at which browsers reach WCS by default: WebSocket over TLS, HLS, RTMP, RTSP. That of plain WebSocket is one of many
/// backends as well.
const BROWSER_PORTS: [u16; 7] = [8443, 8444, 8445, 8082, 8888, 1935, 554];

/// Places in the lists of a case, by what they are asked for; of hooks in their order.
#[derive(Debug)]
pub(super) struct Index {
    by_backend: HashMap<usize, Vec<usize>>,
    by_server: HashMap<Endpoint, Vec<usize>>,
    by_connection: HashMap<ConnectionId, Vec<usize>>,
    /// When a WCS server last began a hook.
    last_of: HashMap<IpAddr, Timestamp>,
    /// The hosts that hooks name, in lower case and without ports, and when the last of these hooks began.
    hosts: HashMap<String, Timestamp>,
    targets: HashMap<(IpAddr, Endpoint), usize>,
    /// Who is served where browsers reach WCS: the server, and one of its clients; none where there are several.
    served: HashMap<IpAddr, Option<IpAddr>>,
    /// How many ports of a host a client tried in vain.
    tried: HashMap<(IpAddr, IpAddr), usize>,
    backends: HashSet<Endpoint>,
    /// Addresses that DNS gives for the names of backends beside those that hooks go to, and these names.
    alternatives: HashMap<Endpoint, String>,
    /// Addresses to which connections came about, whether their beginnings were captured or not.
    reached: HashSet<Endpoint>,
}

impl Index {
    fn of(case: &Case) -> Self {
        let given = case.options.backends.iter().copied();
        let mut index = Self {
            by_backend: grouped(&case.hooks, |record| record.backend),
            by_server: grouped(&case.hooks, |record| record.server),
            by_connection: grouped(&case.hooks, |record| record.connection),
            last_of: HashMap::default(),
            hosts: HashMap::default(),
            targets: HashMap::default(),
            served: HashMap::default(),
            tried: HashMap::default(),
            reached: case
                .targets
                .iter()
                .filter(|target| target.connected > 0 || target.segments > 0)
                .map(|target| target.server)
                .collect(),
            backends: given.chain(case.backends.iter().map(|backend| backend.server)).collect(),
            alternatives: HashMap::default(),
        };
        for record in &case.hooks {
            let time = record.first.time;
            let latest = |known: &mut Timestamp| *known = time.max(*known);
            index.last_of.entry(record.client.ip()).and_modify(latest).or_insert(time);
            if let Some(host) = &record.host {
                index.hosts.entry(host_name(host)).and_modify(latest).or_insert(time);
            }
        }
        for (place, target) in case.targets.iter().enumerate() {
            if let Some(client) = target.client {
                index.targets.insert((client, target.server), place);
                if target.connected == 0 {
                    let tried = index.tried.entry((client, target.server.ip())).or_default();
                    *tried = tried.saturating_add(1);
                }
            }
            let server = target.server.ip();
            if BROWSER_PORTS.contains(&target.server.port())
                && target.connected > 0
                && target.client != Some(server)
            {
                let of_several =
                    |known: &mut Option<IpAddr>| *known = known.filter(|known| target.client == Some(*known));
                index.served.entry(server).and_modify(of_several).or_insert(target.client);
            }
        }
        index.find_alternatives(case);
        index
    }

    /// A name is that of a backend by what WCS asked for it: one of the addresses in the answers is where hooks go that name it.
    fn find_alternatives(&mut self, case: &Case) {
        let mut named: HashMap<String, Vec<Endpoint>> = HashMap::default();
        for backend in &case.backends {
            if let Some(host) = &backend.host {
                named.entry(host_name(host)).or_default().push(backend.server);
            }
        }
        for lookup in &case.lookups {
            let asked_by_wcs = lookup.client.is_loopback() || self.last_of.contains_key(&lookup.client);
            let servers = named.get(&lookup.name).filter(|_| asked_by_wcs).into_iter().flatten();
            for server in servers.filter(|server| lookup.addresses.contains(&server.ip())) {
                let all = lookup.addresses.iter().map(|address| Endpoint::new(*address, server.port()));
                let others = all.filter(|server| !self.by_server.contains_key(server));
                self.alternatives.extend(others.map(|server| (server, lookup.name.clone())));
            }
        }
    }
}

fn grouped<K: Eq + Hash>(hooks: &[HookRecord], key: impl Fn(&HookRecord) -> K) -> HashMap<K, Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::default();
    for (place, record) in hooks.iter().enumerate() {
        groups.entry(key(record)).or_default().push(place);
    }
    groups
}

/// The name of a host as it is looked up: of the field Host, with or without a port, or of a DNS question.
fn host_name(host: &str) -> String {
    host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase()
}

impl Case {
    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(self))
    }

    fn listed<'c, K: Eq + Hash>(
        &'c self,
        groups: &'c HashMap<K, Vec<usize>>,
        key: &K,
    ) -> impl DoubleEndedIterator<Item = &'c HookRecord> + use<'c, K> {
        groups.get(key).into_iter().flatten().filter_map(|place| self.hooks.get(*place))
    }

    /// The hooks of a backend, by its place.
    pub fn hooks_of(&self, backend: usize) -> impl DoubleEndedIterator<Item = &HookRecord> {
        self.listed(&self.index().by_backend, &backend)
    }

    /// The hooks that went to an address.
    pub fn hooks_to(&self, server: Endpoint) -> impl DoubleEndedIterator<Item = &HookRecord> {
        self.listed(&self.index().by_server, &server)
    }

    /// The hooks on a connection.
    pub fn hooks_on(&self, connection: ConnectionId) -> impl DoubleEndedIterator<Item = &HookRecord> {
        self.listed(&self.index().by_connection, &connection)
    }

    /// When a WCS server last began a hook.
    pub fn last_hook_of(&self, server: IpAddr) -> Option<Timestamp> {
        self.index().last_of.get(&server).copied()
    }

    /// When the last hook began that names this host, without regard to case, to a port and to the root's dot.
    pub fn last_hook_for(&self, host: &str) -> Option<Timestamp> {
        self.index().hosts.get(&host_name(host)).copied()
    }

    /// What became of a client's attempts to connect to an address.
    pub fn target(&self, client: IpAddr, server: Endpoint) -> Option<&Target> {
        self.targets.get(*self.index().targets.get(&(client, server))?)
    }

    /// Whether anybody's connection to an address came about.
    pub fn is_reached(&self, server: Endpoint) -> bool {
        self.index().reached.contains(&server)
    }

    /// Whether hooks come from an address.
    pub fn is_wcs(&self, client: IpAddr) -> bool {
        self.index().last_of.contains_key(&client)
    }

    /// Whether hooks come from an address; where no hook is seen, whether hooks may: not what others open to the host
    /// that serves browsers is WCS's, but what that host opens; and WCS does not try port after port.
    pub fn may_be_wcs(&self, client: Option<IpAddr>, server: Endpoint) -> bool {
        let index = self.index();
        if !index.last_of.is_empty() {
            return client.is_some_and(|client| self.is_wcs(client));
        }
        let tried = client.and_then(|client| index.tried.get(&(client, server.ip())));
        if tried.is_some_and(|ports| *ports > MOST_PORTS) {
            return false;
        }
        let browsed = |host: IpAddr| index.served.get(&host);
        let serves_others = browsed(server.ip()).is_some_and(|only| only.is_none() || *only != client);
        !serves_others || client.is_some_and(|client| client == server.ip() || browsed(client).is_some())
    }

    /// Whether an address is a backend: hooks go to it, or to another address of the same name, or the asking person says so.
    pub fn is_backend(&self, server: Endpoint) -> bool {
        self.index().backends.contains(&server) || self.alternative_of(server).is_some()
    }

    /// The backend's name for which DNS gives this address and those that hooks go to, where none goes to this one.
    pub fn alternative_of(&self, server: Endpoint) -> Option<&str> {
        self.index().alternatives.get(&server).map(String::as_str)
    }
}
