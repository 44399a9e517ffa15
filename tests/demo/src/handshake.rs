//! A TLS handshake over loopback TCP with what is installed, between two rustls endpoints that
//! share nothing with the product's own configuration.

use pki::KeyPair;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// What the client saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// `TLSv1_3`
    pub(crate) version: String,
    /// Cipher suite.
    pub(crate) cipher_suite: String,
    /// DER of the end entity the server presented.
    pub(crate) end_entity: Vec<u8>,
}

/// Serves one connection with a chain (PEM) and its opened key, and connects to it as `name`,
/// trusting `root` (PEM) only.
///
/// # Errors
/// What either side said.
pub(crate) fn over_loopback(chain: &str, key: &KeyPair, root: &str, name: &str) -> Result<Seen, String> {
    let server = Arc::new(server_config(chain, key)?);
    let listener = TcpListener::bind("127.0.0.1:0").map_err(text)?;
    let address = listener.local_addr().map_err(text)?;
    let serving = std::thread::spawn(move || serve(&listener, server));
    let seen = connect(TcpStream::connect(address).map_err(text)?, root, name);
    let served = serving.join().map_err(|_| "the server panicked".to_owned())?;
    seen.and_then(|seen| served.map(|()| seen))
}

fn server_config(chain: &str, key: &KeyPair) -> Result<ServerConfig, String> {
    let chain = certificates(chain)?;
    let pkcs8 = key.to_pkcs8().map_err(text)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.to_vec()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    builder.map_err(text)?.with_no_client_auth().with_single_cert(chain, key).map_err(text)
}

fn serve(listener: &TcpListener, config: Arc<ServerConfig>) -> Result<(), String> {
    let (socket, _) = listener.accept().map_err(text)?;
    let mut stream = StreamOwned::new(ServerConnection::new(config).map_err(text)?, socket);
    let mut question = [0; 4];
    stream.read_exact(&mut question).map_err(text)?;
    stream.write_all(&question).map_err(text)?;
    stream.conn.send_close_notify();
    stream.flush().map_err(text)
}

fn connect(socket: TcpStream, root: &str, name: &str) -> Result<Seen, String> {
    let mut roots = RootCertStore::empty();
    for root in certificates(root)? {
        roots.add(root).map_err(text)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder.map_err(text)?.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).map_err(text)?;
    let connection = ClientConnection::new(Arc::new(config), name).map_err(text)?;
    let mut stream = StreamOwned::new(connection, socket);
    stream.write_all(b"ping").map_err(text)?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).map_err(text)?;
    let version = stream.conn.protocol_version().ok_or("no TLS version")?;
    let suite = stream.conn.negotiated_cipher_suite().ok_or("no cipher suite")?;
    let presented = stream.conn.peer_certificates().and_then(<[_]>::first).ok_or("no certificate")?;
    Ok(Seen {
        version: format!("{version:?}"),
        cipher_suite: format!("{:?}", suite.suite()),
        end_entity: presented.to_vec(),
    })
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(text)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
