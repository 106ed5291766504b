//! Names whose addresses were asked for.

use crate::endpoint::{Endpoint, Moment};
use crate::packet::{DnsAnswer, DnsMessage};
use std::net::IpAddr;

/// Frames that a lookup lists.
const LISTED_FRAMES: usize = 16;
/// Addresses that a lookup lists.
const LISTED_ADDRESSES: usize = 64;

/// All that a client asked about a name, and what it was told.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The name, in small letters.
    pub name: String,
    /// Who asked.
    pub client: IpAddr,
    /// Who was asked last.
    pub server: Endpoint,
    /// Questions.
    pub questions: u64,
    /// The first question, or answer.
    pub first: Moment,
    /// The last question.
    pub last_question: Option<Moment>,
    /// The last answer with addresses.
    pub resolved: Option<Moment>,
    /// The last answer that is an error.
    pub failed: Option<(Moment, DnsAnswer)>,
    /// The addresses in the answers, the first ones.
    pub addresses: Vec<IpAddr>,
    /// Whether any answer came, be it an empty one.
    pub answered: bool,
    /// Questions and errors since the name was last resolved, the first ones.
    pub frames: Vec<Moment>,
}

impl Lookup {
    /// Begins with a message.
    pub(super) fn new(message: &DnsMessage) -> Self {
        Self {
            name: message.name.clone(),
            client: message.client.ip(),
            server: message.server,
            questions: 0,
            first: message.at,
            last_question: None,
            resolved: None,
            failed: None,
            addresses: Vec::new(),
            answered: false,
            frames: Vec::new(),
        }
    }

    /// Takes in a message about the name.
    pub(super) fn push(&mut self, message: &DnsMessage) {
        let at = message.at;
        self.server = message.server;
        for address in &message.addresses {
            if !self.addresses.contains(address) && self.addresses.len() < LISTED_ADDRESSES {
                self.addresses.push(*address);
            }
        }
        match message.answer {
            Some(answer) if answer.code == 0 && answer.records > 0 => {
                (self.resolved, self.answered) = (Some(at), true);
                self.frames.clear();
                return;
            }
            Some(answer) if answer.code == 0 => {
                self.answered = true;
                return;
            }
            Some(answer) => (self.failed, self.answered) = (Some((at, answer)), true),
            None => {
                self.questions = self.questions.saturating_add(1);
                self.last_question = Some(at);
            }
        }
        if self.frames.len() < LISTED_FRAMES {
            self.frames.push(at);
        }
    }

    /// The error that the last answers were.
    pub fn error(&self) -> Option<(Moment, DnsAnswer)> {
        self.failed.filter(|(at, _)| self.resolved.is_none_or(|resolved| resolved.is_before(*at)))
    }
}
