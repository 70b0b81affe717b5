//! Connections that mean no good, and those that do, over real sockets of this machine.
//!
//! Files: `silent` (whoever sends or reads too slowly), `events` (streams that go on), `crowded` (more than may be at once,
//! and the door that closes), `early` (whoever was refused and asks on at once), `spoken` (bytes one by one, and how many
//! an exchange takes).

mod crowded;
mod early;
mod events;
mod silent;
mod spoken;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use romp_domain::Problem;
use romp_domain::policy::RateClass;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Door, Patience, open};
use crate::accounts::rig::Rig;
use crate::gateway::load::{Stage, Turn};

const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: romp\r\n\r\n";
/// Longer than any test.
const LONG: Duration = Duration::from_hours(1);
const SHORT: Duration = Duration::from_millis(300);

/// Nobody is ever tired of a line.
const PATIENT: Patience = Patience {
    first: LONG,
    headers: LONG,
    idle: LONG,
    unread: LONG,
    early: Duration::ZERO,
};

struct Open {
    address: SocketAddr,
    close: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    rig: Rig,
}

async fn opened(door: Door) -> Open {
    opened_on(Rig::new(), door).await
}

async fn opened_on(rig: Rig, door: Door) -> Open {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (close, closed) = oneshot::channel();
    let server = Arc::clone(&rig.server);
    let serving = tokio::spawn(async move {
        let closed = async { drop(closed.await) };
        open(&server, listener, door, closed).await
    });
    Open {
        address,
        close,
        serving,
        rig,
    }
}

async fn with(patience: Patience) -> Open {
    let door = Door {
        patience,
        ..Door::default()
    };
    opened(door).await
}

impl Open {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// An exchange of somebody who is not signed in.
const EXCHANGE: &str = "POST /v1/sync HTTP/1.1\r\nHost: romp\r\nContent-Length: 5\r\n\r\nhello";

/// Somebody who waits for a turn.
type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Turn, Problem>> + 'a>>;

/// The lane of exchanges, with as much in it that whoever comes to the door is turned away.
struct Full<'a> {
    _turns: Vec<Turn>,
    _queue: Vec<Waiting<'a>>,
}

impl Open {
    async fn full(&self) -> Full<'_> {
        let lane = self.rig.server.load.lane(Some(RateClass::Exchange));
        let mut turns = Vec::new();
        for _ in 0..64 {
            turns.push(lane.turn(Stage::Inside).await.unwrap());
        }
        let mut queue: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
        for _ in 0..256 {
            let mut waits = Box::pin(lane.turn(Stage::Inside));
            tokio::select! {
                biased;
                _ = &mut waits => panic!("it need not wait"),
                () = std::future::ready(()) => queue.push(waits),
            }
        }
        Full {
            _turns: turns,
            _queue: queue,
        }
    }
}

/// Everything that comes until the other end closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end as well.
    drop(stream.read_to_end(&mut all).await);
    String::from_utf8_lossy(&all).into_owned()
}

/// Asks, and reads one reply.
async fn asked(stream: &mut TcpStream, request: &str) -> String {
    asked_until(stream, request, "live").await
}

/// Asks, and reads one reply, which ends like this.
async fn asked_until(stream: &mut TcpStream, request: &str, end: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    while !reply.ends_with(end.as_bytes()) {
        assert_ne!(stream.read_buf(&mut reply).await.unwrap(), 0, "it was closed");
    }
    String::from_utf8(reply).unwrap()
}
