//! The in-memory handshake every chain and key complete, in TLS 1.3 and TLS 1.2, before they are installed.

mod words;

use super::config::{self, NameCheck};
use common::Timestamp;
use pki::KeyPair;
use pki::verdict::VerifiedChain;
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConnection, Connection, ServerConnection, SupportedProtocolVersion};
use std::io::{Read, Write};
use std::sync::Arc;

/// What a rehearsal showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// Cipher suite as IANA names it.
    pub cipher_suite: String,
}

/// Completes a TLS 1.3 and a TLS 1.2 handshake, client trusting the chain's anchor and asking for
/// the primary name at the moment `now`, and passes a few bytes both ways. Where the end entity has
/// no SAN ([`VerifiedChain::name_is_covered`]) the client leaves the name out of its checks.
/// # Errors
/// [`RehearsalError`].
pub fn rehearse(
    chain: &VerifiedChain,
    key: &KeyPair,
    now: Timestamp,
) -> Result<[Handshake; 2], RehearsalError> {
    let served: Vec<_> = chain.served().certificates().iter().map(|certificate| certificate.der()).collect();
    let name_check = if chain.name_is_covered() { NameCheck::On } else { NameCheck::Off };
    let (anchor, name) = (chain.anchor().der(), chain.primary().as_str());
    let scene = Scene { served: &served, anchor, name, name_check, now };
    scene.play(key)
}

/// What the two sides know besides the key.
struct Scene<'a> {
    served: &'a [&'a [u8]],
    anchor: &'a [u8],
    name: &'a str,
    name_check: NameCheck,
    now: Timestamp,
}

impl Scene<'_> {
    fn play(&self, key: &KeyPair) -> Result<[Handshake; 2], RehearsalError> {
        let certified = config::certified_key(self.served.iter().copied(), key)
            .map_err(|error| RehearsalError::new(&TLS13, Side::Server, words::of(&error)))?;
        let certified = Arc::new(certified);
        Ok([self.handshake(&certified, &TLS13)?, self.handshake(&certified, &TLS12)?])
    }

    fn handshake(
        &self,
        certified: &Arc<CertifiedKey>,
        version: &'static SupportedProtocolVersion,
    ) -> Result<Handshake, RehearsalError> {
        let fault = |side| move |error: rustls::Error| RehearsalError::new(version, side, words::of(&error));
        let server =
            config::server(Arc::clone(certified), &[version], self.now).map_err(fault(Side::Server))?;
        let mut server: Connection =
            ServerConnection::new(Arc::new(server)).map_err(fault(Side::Server))?.into();
        let client = config::client(self.anchor, &[version], self.now, self.name_check)
            .map_err(fault(Side::Client))?;
        let name = ServerName::try_from(self.name.to_owned())
            .map_err(|_| RehearsalError::new(version, Side::Client, "the primary name is no host name"))?;
        let mut client: Connection =
            ClientConnection::new(Arc::new(client), name).map_err(fault(Side::Client))?.into();

        let mut wire = Wire { version, client: &mut client, server: &mut server };
        wire.run()?;
        wire.say(Side::Client)?;
        wire.say(Side::Server)?;
        Ok(shown(&client))
    }
}

/// What the client negotiated, by its standard names.
fn shown(client: &Connection) -> Handshake {
    let version = client.protocol_version().and_then(|version| version.as_str()).unwrap_or("none");
    let suite = client.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or("none");
    Handshake { version: version.replace('_', "."), cipher_suite: suite.replacen("TLS13_", "TLS_", 1) }
}

#[derive(Clone, Copy)]
enum Side {
    Client,
    Server,
}

/// Two connections in one process.
struct Wire<'a> {
    version: &'static SupportedProtocolVersion,
    client: &'a mut Connection,
    server: &'a mut Connection,
}

impl Wire<'_> {
    /// Carries records to and fro until neither side has any left and both have finished.
    fn run(&mut self) -> Result<(), RehearsalError> {
        while self.client.wants_write() || self.server.wants_write() {
            carry(self.client, self.server).map_err(|error| self.fault(Side::Server, error))?;
            carry(self.server, self.client).map_err(|error| self.fault(Side::Client, error))?;
        }
        if self.client.is_handshaking() || self.server.is_handshaking() {
            return Err(self.fault(Side::Client, "the handshake stopped half way"));
        }
        Ok(())
    }

    /// One side says something, the other must hear just that.
    fn say(&mut self, from: Side) -> Result<(), RehearsalError> {
        const WORDS: &[u8] = b"rehearsal";
        let speaker = match from {
            Side::Client => &mut *self.client,
            Side::Server => &mut *self.server,
        };
        speaker.writer().write_all(WORDS).map_err(|_| self.fault(from, "it takes nothing to send"))?;
        self.run()?;
        let (to, listener) = match from {
            Side::Client => (Side::Server, &mut *self.server),
            Side::Server => (Side::Client, &mut *self.client),
        };
        let mut heard = [0; WORDS.len()];
        listener.reader().read_exact(&mut heard).map_err(|_| self.fault(to, "not all bytes arrived"))?;
        if heard == WORDS { Ok(()) } else { Err(self.fault(to, "other bytes arrived than were sent")) }
    }

    fn fault(&self, side: Side, reason: &'static str) -> RehearsalError {
        RehearsalError::new(self.version, side, reason)
    }
}

/// Takes what one side has to send and lets the other process it.
fn carry(from: &mut Connection, to: &mut Connection) -> Result<(), &'static str> {
    const LOST: &str = "a record was lost on the way";
    let mut records = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut records).map_err(|_| LOST)?;
    }
    let mut unread = records.as_slice();
    while !unread.is_empty() {
        to.read_tls(&mut unread).map_err(|_| LOST)?;
        to.process_new_packets().map_err(|error| words::of(&error))?;
    }
    Ok(())
}

/// Why a handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {version} handshake failed on the {side} side: {reason}")]
pub struct RehearsalError {
    /// `TLS 1.3` or `TLS 1.2`.
    pub version: &'static str,
    /// `client` or `server`.
    pub side: &'static str,
    /// In our words.
    pub reason: &'static str,
}

impl RehearsalError {
    fn new(version: &'static SupportedProtocolVersion, side: Side, reason: &'static str) -> Self {
        let version = if version == &TLS13 { "TLS 1.3" } else { "TLS 1.2" };
        let side = match side {
            Side::Client => "client",
            Side::Server => "server",
        };
        Self { version, side, reason }
    }
}

#[cfg(test)]
mod tests;
