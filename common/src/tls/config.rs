//! rustls configuration (RFC 8446, RFC 5246) from a verified chain and its opened key.
