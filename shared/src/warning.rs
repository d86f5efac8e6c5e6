//! What is odd about a descriptor: the closed list, its names and words.

use serde::{Deserialize, Serialize};

/// Something odd that does not keep a descriptor from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DescriptorWarning {
    /// The text has no checksum.
    ChecksumMissing,
    /// A key does not say which master key it comes from: devices may refuse it.
    OriginMissing,
    /// A fingerprint of 00000000, which is nobody's.
    FingerprintZero,
    /// A key's depth contradicts its path.
    DepthDiffers,
    /// Keys stand in the order of the text: other programs may sort them and get other addresses.
    MultiUnsorted,
    /// One extended key stands in several places, with other paths.
    KeyReused,
    /// There is no change keychain.
    ChangeMissing,
    /// The change keychain is not in the text: `/1/*` beside `/0/*` is meant.
    ChangeImplied,
    /// There is one script alone: every payment shows as the same.
    NotRanged,
    /// Miniscript finds that it can be malleated, mixes lock times, or cannot always be spent.
    NotSane,
}

impl DescriptorWarning {
    /// The fixed name.
    pub fn name(self) -> &'static str {
        match self {
            DescriptorWarning::ChecksumMissing => "checksum-missing",
            DescriptorWarning::OriginMissing => "origin-missing",
            DescriptorWarning::FingerprintZero => "fingerprint-zero",
            DescriptorWarning::DepthDiffers => "depth-differs",
            DescriptorWarning::MultiUnsorted => "multi-unsorted",
            DescriptorWarning::KeyReused => "key-reused",
            DescriptorWarning::ChangeMissing => "change-missing",
            DescriptorWarning::ChangeImplied => "change-implied",
            DescriptorWarning::NotRanged => "not-ranged",
            DescriptorWarning::NotSane => "not-sane",
        }
    }

    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            DescriptorWarning::ChecksumMissing => "it has no checksum: a mistyped character would not show",
            DescriptorWarning::OriginMissing => {
                "a key does not say which master key it comes from: signing devices may refuse it"
            }
            DescriptorWarning::FingerprintZero => "a fingerprint is 00000000: signing devices will not find their key",
            DescriptorWarning::DepthDiffers => "a key's depth is not the length of its path: the path may be wrong",
            DescriptorWarning::MultiUnsorted => {
                "the order of its keys matters: a program that sorts them gets other addresses"
            }
            DescriptorWarning::KeyReused => "one extended key stands in several places, with other paths",
            DescriptorWarning::ChangeMissing => "it has no change keychain",
            DescriptorWarning::ChangeImplied => "the change keychain is not in the text: /1/* beside its /0/* is taken",
            DescriptorWarning::NotRanged => "it has one script alone: who pays to it sees every other payment",
            DescriptorWarning::NotSane => {
                "miniscript finds it malleable, of mixed lock times, or not always to be spent"
            }
        }
    }
}
