//! Ready-made flows: those that the documents describe.

use super::file::FlowFile;

/// A file beside this one, by its name.
macro_rules! ready_made {
    ($($name:literal),+ $(,)?) => {
        /// Names and contents of the ready-made flow files.
        const READY_MADE: &[(&str, &str)] = &[$(($name, include_str!(concat!("flows/", $name, ".toml")))),+];
    };
}

ready_made! {
    "connection",
    "connection-with-registration",
    "outgoing-call",
    "incoming-call",
    "hold",
    "transfer",
    "message",
    "publish",
    "play",
    "hls",
    "rtsp",
}

/// The ready-made flows: their files, and what these say.
pub fn ready_made() -> impl Iterator<Item = (&'static str, FlowFile)> {
    READY_MADE.iter().filter_map(|(name, text)| Some((*text, FlowFile::parse(name, text).ok()?)))
}

/// The file of a ready-made flow.
pub fn ready_made_named(name: &str) -> Option<&'static str> {
    READY_MADE.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ready_made_flow_can_be_read_under_its_own_name() {
        for (name, text) in READY_MADE {
            let flow = FlowFile::parse("", text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(flow.name, *name);
            assert!(flow.about.is_some_and(|about| about.ends_with('.')), "{name}");
        }
        assert_eq!(ready_made().count(), READY_MADE.len());
    }
}
