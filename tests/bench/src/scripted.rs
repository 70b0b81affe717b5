//! Peers that bring their own client: a script starts nothing but the client, and prints what it found as lines of
//! JSON, as this program does. The server, its core, its memory and the wire are watched from here.
//!
//! A driver is called with the workload's name, the address to connect to and a folder for its own data.

use crate::report::Report;
use crate::{Measurement, Outcome};
