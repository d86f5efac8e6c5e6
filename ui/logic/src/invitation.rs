//! What an invitation's text tells before it is used. Whether it is whole and still holds is judged by the backend; nothing
//! secret of it is read here.

use conclave_shared::{MemberId, Role, ScriptKind, VaultId};
use serde::Deserialize;

/// What an invitation's text begins with.
const PREFIX: &str = "conclave1";
/// Longest text that is read.
const LONGEST: usize = 4096;
/// Bytes of the checksum behind the fields.
const CHECKSUM: usize = 4;

/// What an invitation tells.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Told {
    /// Which vault; its name comes with the record.
    pub vault: VaultId,
    /// What one would be there.
    pub role: Role,
    /// Where the members' messages pass.
    pub relays: Vec<String>,
    /// Last moment at which it can be used, in ms since 1970.
    pub expires_ms: u64,
    /// Whose lost installation it replaces.
    #[serde(default)]
    pub replaces: Option<MemberId>,
    /// The kind of the vault's addresses.
    #[serde(default)]
    pub script: ScriptKind,
}

/// What is wrong with the text of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInvitation {
    /// Nothing is there.
    Empty,
    /// It does not begin as one.
    Other,
    /// It is not whole.
    Damaged,
}

/// The fields of an invitation as JSON, for [`Told`]. White space from line breaks of a mail is dropped.
pub fn fields(text: &str) -> Result<String, NoInvitation> {
    if text.trim().is_empty() {
        return Err(NoInvitation::Empty);
    }
    if text.len() > LONGEST {
        return Err(NoInvitation::Other);
    }
    let text: String = text.split_whitespace().collect();
    let body = text.strip_prefix(PREFIX).ok_or(NoInvitation::Other)?;
    let mut bytes = decode(body).ok_or(NoInvitation::Damaged)?;
    bytes.truncate(bytes.len().checked_sub(CHECKSUM).ok_or(NoInvitation::Damaged)?);
    String::from_utf8(bytes).map_err(|_| NoInvitation::Damaged)
}

/// Base64 with the letters of file names, without padding (RFC 4648, section 5).
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for four in text.as_bytes().chunks(4) {
        if four.len() == 1 {
            return None;
        }
        let mut bits = 0;
        for letter in four {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'-' => 62,
                b'_' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * (4 - four.len());
        bytes.extend_from_slice(bits.to_be_bytes().get(1..four.len())?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An invitation as the backend writes it, with a checksum that nobody reads here.
    fn text(json: &str) -> String {
        let mut bytes = json.as_bytes().to_vec();
        bytes.extend_from_slice(&[1, 2, 3, 4]);
        let letters = crate::base64::encode(&bytes).replace('+', "-").replace('/', "_");
        format!("{PREFIX}{}", letters.trim_end_matches('='))
    }

    #[test]
    fn an_invitation_tells_role_relays_and_until_when() {
        let id = "07".repeat(32);
        for end in ["", " ", "  "] {
            let json = format!(
                r#"{{"vault":"{id}","created":"{id}","organiser":"{id}","role":"auditor","relays":["ws://127.0.0.1:7"],"expires_ms":9,"secret":"s"}}{end}"#
            );
            let fields = fields(&text(&json)).unwrap();
            assert_eq!(fields, json);
            let told: Told = serde_json::from_str(&fields).unwrap();
            assert_eq!((told.role, told.expires_ms, told.replaces), (Role::Auditor, 9, None));
            assert_eq!(told.script, ScriptKind::default());
            assert_eq!(told.vault, VaultId([7; 32]));
        }
    }

    #[test]
    fn line_breaks_of_a_mail_do_no_harm() {
        let text = text(r#"{"a":"žluťoučký"}"#);
        let (first, rest) = text.split_at(14);
        assert_eq!(fields(&format!("  {first}\r\n {rest}\n")).unwrap(), r#"{"a":"žluťoučký"}"#);
    }

    #[test]
    fn what_is_no_invitation_is_told_by_its_reason() {
        assert_eq!(fields(" \n"), Err(NoInvitation::Empty));
        assert_eq!(fields("bitcoin:bcrt1q"), Err(NoInvitation::Other));
        assert_eq!(fields(&format!("conclave1{}", "A".repeat(5000))), Err(NoInvitation::Other));
        for damaged in ["conclave1", "conclave1A", "conclave1AAA", "conclave1AA!A", "conclave1_____wAAAAA"] {
            assert_eq!(fields(damaged), Err(NoInvitation::Damaged), "{damaged}");
        }
    }
}
