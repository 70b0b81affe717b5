//! Asks a server whether it is ready: at a near address, as container supervisors do it.
//!
//! Over TLS the certificate has to be the one in the server's own file, and nothing else counts: not who signed it, nor
//! for which name or until when. Whoever asks reaches the server by a name that is on no certificate, and has the file.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use romp_domain::policy::Endpoint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
};

type Failure = Box<dyn Error + Send + Sync>;

/// A server that takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// Succeeds when the server at `url` (`http://host:port`, or `https://host:port` with the file of its certificate) says
/// that it is ready.
pub(crate) fn healthcheck(url: &str, certificate: Option<&Path>) -> Result<(), Failure> {
    let (authority, is_tls) = authority(url)
        .ok_or_else(|| format!("{url} is not of the form http://host:port or https://host:port"))?;
    let address = authority
        .to_socket_addrs()?
        .next()
        .ok_or("the host has no address")?;
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    if !is_tls {
        return ask(stream, &authority);
    }
    let file = certificate.ok_or("over https, --tls-cert has to name the server's certificate")?;
    let certificate = CertificateDer::from_pem_file(file)
        .map_err(|error| format!("The certificate {} cannot be read: {error}.", file.display()))?;
    let config = ClientConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(ThisOne {
            certificate,
            provider: default_provider(),
        }))
        .with_no_client_auth();
    let name = ServerName::from(address.ip());
    let connection = ClientConnection::new(Arc::new(config), name)?;
    ask(StreamOwned::new(connection, stream), &authority)
}

fn ask(mut stream: impl Read + Write, authority: &str) -> Result<(), Failure> {
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

/// Trusts one certificate, because it is that one.
#[derive(Debug)]
struct ThisOne {
    certificate: CertificateDer<'static>,
    provider: CryptoProvider,
}

impl ServerCertVerifier for ThisOne {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *shown == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, shown, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, shown, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The host and port, and whether TLS is spoken there.
fn authority(url: &str) -> Option<(String, bool)> {
    let (rest, is_tls) = match url.strip_prefix("https://") {
        Some(rest) => (rest, true),
        None => (url.strip_prefix("http://")?, false),
    };
    let authority = rest.trim_end_matches('/');
    let shaped = !authority.is_empty() && !authority.contains(['/', '@', '?', '#', ' ', '\r', '\n']);
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match (shaped, has_port) {
        (false, _) => None,
        (true, true) => Some((authority.to_owned(), is_tls)),
        (true, false) => {
            let port = if is_tls { 443 } else { 80 };
            Some((format!("{authority}:{port}"), is_tls))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;

    #[test]
    fn only_plain_addresses_are_taken() {
        for (url, here, is_tls) in [
            ("http://127.0.0.1:8080/", "127.0.0.1:8080", false),
            ("http://[::1]:8080", "[::1]:8080", false),
            ("http://romp.example", "romp.example:80", false),
            ("https://romp.example", "romp.example:443", true),
            ("https://127.0.0.1:8443", "127.0.0.1:8443", true),
        ] {
            assert_eq!(authority(url), Some((here.to_owned(), is_tls)), "{url}");
        }
        for other in [
            "",
            "127.0.0.1:8080",
            "ftp://romp.example",
            "https://",
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
            assert_eq!(healthcheck(&url, None).is_ok(), ready, "{reply}");
            answering.join().unwrap();
        }
    }
}
