//! Asks a server whether it is ready. Plain HTTP to a near address, as container supervisors do it.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use romp_domain::policy::Endpoint;

/// A server that takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// Succeeds when the server at `url` (`http://host:port`) says that it is ready.
pub(crate) fn healthcheck(url: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let authority = authority(url).ok_or_else(|| format!("{url} is not of the form http://host:port"))?;
    let address = authority
        .to_socket_addrs()?
        .next()
        .ok_or("the host has no address")?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let path = Endpoint::Ready.path();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    if status.split(' ').nth(1) == Some("200") {
        Ok(())
    } else {
        Err(format!("not ready: {}", status.trim()).into())
    }
}

/// The host and port.
fn authority(url: &str) -> Option<String> {
    let authority = url.strip_prefix("http://")?.trim_end_matches('/');
    let shaped = !authority.is_empty() && !authority.contains(['/', '@', '?', '#', ' ', '\r', '\n']);
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match (shaped, has_port) {
        (false, _) => None,
        (true, true) => Some(authority.to_owned()),
        (true, false) => Some(format!("{authority}:80")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;

    #[test]
    fn only_plain_addresses_are_taken() {
        assert_eq!(
            authority("http://127.0.0.1:8080/").as_deref(),
            Some("127.0.0.1:8080")
        );
        assert_eq!(authority("http://[::1]:8080").as_deref(), Some("[::1]:8080"));
        assert_eq!(
            authority("http://romp.example").as_deref(),
            Some("romp.example:80")
        );
        for other in [
            "",
            "127.0.0.1:8080",
            "https://romp.example",
            "http://",
            "http://a/b",
            "http://a\r\nb:80",
        ] {
            assert_eq!(authority(other), None, "{other}");
        }
    }

    #[test]
    fn only_a_server_that_says_200_is_ready() {
        for (reply, ready) in [
            ("HTTP/1.1 200 OK", true),
            ("HTTP/1.1 503 Service Unavailable", false),
            ("", false),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let answering = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut asked = [0; 1_024];
                let length = stream.read(&mut asked).unwrap();
                assert!(asked[..length].starts_with(b"GET /health/ready HTTP/1.1\r\n"));
                write!(stream, "{reply}\r\n\r\n").unwrap();
            });
            assert_eq!(healthcheck(&url).is_ok(), ready, "{reply}");
            answering.join().unwrap();
        }
    }
}
