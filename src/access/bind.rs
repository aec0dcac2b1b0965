//! Whether an address may be listened on. In: the address, and what protects it. Out: nothing, or one sentence that
//! says what to do.

use std::net::SocketAddr;

/// What stands between an address and a stranger.
#[derive(Clone, Copy, Debug, Default)]
pub struct Protection {
    /// At least one key counts.
    pub keys: bool,
    /// TLS is spoken here: `--tls-certificate` and `--tls-key`.
    pub tls: bool,
    /// A proxy in front speaks TLS: `--tls-in-front`.
    pub tls_in_front: bool,
    /// `--insecure` was spelled out.
    pub insecure: bool,
}

/// Whether an address may be listened on: loopback always, any other with keys and TLS, or with `--insecure`.
///
/// # Errors
/// One sentence: what is missing and what to do.
pub fn open_bind(listen: SocketAddr, protection: Protection) -> Result<(), String> {
    let Protection { keys, tls, tls_in_front, insecure } = protection;
    let covered = tls || tls_in_front;
    if listen.ip().is_loopback() || insecure || (keys && covered) {
        return Ok(());
    }
    let keyless = "there are no keys, so whoever reaches it could read all results and send events: make one with \
                   impactd keys create";
    let plain = "without TLS keys would travel in the clear: give --tls-certificate and --tls-key, or \
                 --tls-in-front when a proxy before it speaks TLS";
    let missing = match (keys, covered) {
        (false, false) => format!("{keyless}; and {plain}"),
        (false, true) => keyless.to_owned(),
        (true, _) => plain.to_owned(),
    };
    Err(format!("--listen {listen} is open beyond this machine: {missing}; or spell out --insecure"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_loopback_needs_keys_and_tls_or_a_word() {
        let (open, loopback) = ("0.0.0.0:8080".parse().expect("one"), "[::1]:0".parse().expect("one"));
        let all = |bits: u8| Protection {
            keys: bits & 1 > 0,
            tls: bits & 2 > 0,
            tls_in_front: bits & 4 > 0,
            insecure: bits & 8 > 0,
        };
        for bits in 0..16 {
            assert_eq!(open_bind(loopback, all(bits)), Ok(()));
            let said = open_bind(open, all(bits));
            let fits = bits & 8 > 0 || (bits & 1 > 0 && bits & 6 > 0);
            assert_eq!(said.is_ok(), fits, "{bits:04b}");
            if let Err(words) = said {
                assert_eq!(words.contains("impactd keys create"), bits & 1 == 0, "{words}");
                assert_eq!(words.contains("--tls-certificate"), bits & 6 == 0, "{words}");
            }
        }
    }
}
