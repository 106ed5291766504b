//! What must hold for any input: one module for each fuzz target, with a function `check` that panics where something
//! does not hold. The tests of the project check the same on inputs of their own.

// A check is to fail loudly.
#![allow(clippy::missing_panics_doc)]
#![warn(missing_docs)]

#[path = "../../tests/support/support.rs"]
mod support;

pub mod body;
pub mod capture;
pub mod config;
pub mod forms;
pub mod fragments;
pub mod http;
pub mod json;
pub mod packet;
pub mod pipeline;
mod script;
pub mod seeds;
pub mod tcp;

use hookscope::limits::Limits;

/// What must hold for an input; it panics where it does not.
pub type Check = fn(&[u8]);

/// All targets: their names, and what they check.
pub const TARGETS: [(&str, Check); 10] = [
    ("body", body::check),
    ("capture", capture::check),
    ("config", config::check),
    ("forms", forms::check),
    ("fragments", fragments::check),
    ("http", http::check),
    ("json", json::check),
    ("packet", packet::check),
    ("pipeline", pipeline::check),
    ("tcp", tcp::check),
];

/// Limits that small inputs reach.
fn small_limits() -> Limits {
    Limits {
        record: 4_096,
        fragments: 2_048,
        connections: 2,
        reorder_octets: 500,
        reorder_total: 700,
        handshake: 300,
        handshake_total: 400,
        head: 300,
        body: 50,
        pending: 1,
        hooks: 3,
        exchanges: 3,
        attempts: 1,
        rest_api_calls: 1,
        tls_connections: 1,
        lookups: 1,
        layers: 3,
        ..Limits::default()
    }
}
