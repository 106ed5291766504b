//! placeholder
pub mod capture;
pub mod catalog;
pub mod endpoint;
pub mod fact;
pub mod hook;
pub mod http;
pub mod limits;
pub mod packet;
pub mod pipeline;
pub mod rules;
pub mod session;
pub mod tcp;
pub mod time;
