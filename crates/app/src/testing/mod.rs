//! What the tests share: a device that can be restarted, and a server in memory where the network is not the point.

mod calls;
mod device;
mod server;
mod vault;

pub(crate) use calls::request;
pub(crate) use device::{Device, NOW, child, code, pet};
pub(crate) use server::{FakeServer, PASSWORD};
pub(crate) use vault::MoodyVault;
