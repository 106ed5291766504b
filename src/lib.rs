//! placeholder
pub mod capture;
pub mod catalog;
pub mod endpoint;
pub mod fact;
pub mod http;
pub mod limits;
pub mod packet;
pub mod tcp;
pub mod time;
