//! Making one block of the practice chain: the coinbase, the commitments, the proof of work of regtest. Pure.

use bitcoin::absolute::LockTime;
use bitcoin::block::{Header, Version};
use bitcoin::hashes::Hash;
use bitcoin::opcodes::all::OP_PUSHNUM_1;
use bitcoin::script::Builder;
use bitcoin::transaction;
use bitcoin::{
    Amount, Block, BlockHash, CompactTarget, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxMerkleNode, TxOut,
    Witness, WitnessMerkleNode,
};

/// Heights after which regtest halves the subsidy.
const HALVING_INTERVAL: u32 = 150;
/// Regtest's constant difficulty: every second hash or so is enough.
const REGTEST_BITS: u32 = 0x207f_ffff;
const BLOCK_VERSION: i32 = 0x2000_0000;
const WITNESS_RESERVED_VALUE: [u8; 32] = [0; 32];
/// Start of the output that commits to the witnesses (BIP141): OP_RETURN, a push of 36 bytes, the magic.
const WITNESS_COMMITMENT_START: [u8; 6] = [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed];

/// The script whose hash the faucet pays to: OP_TRUE, so that whoever names it may spend.
pub(super) fn faucet_witness_script() -> ScriptBuf {
    Builder::new().push_opcode(OP_PUSHNUM_1).into_script()
}

/// The script that every coinbase pays to.
pub(super) fn faucet_script() -> ScriptBuf {
    faucet_witness_script().to_p2wsh()
}

/// New bitcoin of the block at `height`: 50 BTC, halved every 150 blocks as regtest does.
pub(super) fn subsidy(height: u32) -> Amount {
    let halvings = height / HALVING_INTERVAL;
    Amount::from_sat(Amount::from_int_btc(50).to_sat().checked_shr(halvings).unwrap_or(0))
}

/// A whole block with valid proof of work. `number` only makes the coinbase different from that of a block that stood
/// at the same height before a reorganisation.
pub(crate) fn assemble(
    previous: BlockHash,
    height: u32,
    time: u32,
    fees: Amount,
    transactions: Vec<Transaction>,
    number: u64,
) -> Block {
    let mut txdata = Vec::with_capacity(transactions.len() + 1);
    txdata.push(coinbase(height, fees, number));
    txdata.extend(transactions);
    let mut block = Block {
        header: Header {
            version: Version::from_consensus(BLOCK_VERSION),
            prev_blockhash: previous,
            merkle_root: TxMerkleNode::all_zeros(),
            time,
            bits: CompactTarget::from_consensus(REGTEST_BITS),
            nonce: 0,
        },
        txdata,
    };
    commit_to_witnesses(&mut block);
    if let Some(root) = block.compute_merkle_root() {
        block.header.merkle_root = root;
    }
    let target = block.header.target();
    while !target.is_met_by(block.block_hash()) {
        block.header.nonce = block.header.nonce.wrapping_add(1);
    }
    block
}

fn coinbase(height: u32, fees: Amount, number: u64) -> Transaction {
    Transaction {
        version: transaction::Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::null(),
            // BIP34: the height comes first.
            script_sig: Builder::new().push_int(i64::from(height)).push_slice(number.to_le_bytes()).into_script(),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        }],
        output: vec![TxOut { value: subsidy(height) + fees, script_pubkey: faucet_script() }],
    }
}

/// BIP141: needed as soon as one transaction carries a witness.
fn commit_to_witnesses(block: &mut Block) {
    let segwit = block.txdata.iter().any(|tx| tx.input.iter().any(|input| !input.witness.is_empty()));
    if !segwit {
        return;
    }
    let root = block.witness_root().unwrap_or_else(WitnessMerkleNode::all_zeros);
    let commitment = Block::compute_witness_commitment(&root, &WITNESS_RESERVED_VALUE);
    let mut script = WITNESS_COMMITMENT_START.to_vec();
    script.extend_from_slice(commitment.as_byte_array());
    if let Some(coinbase) = block.txdata.first_mut() {
        coinbase.output.push(TxOut { value: Amount::ZERO, script_pubkey: ScriptBuf::from_bytes(script) });
        for input in &mut coinbase.input {
            input.witness = Witness::from_slice(&[WITNESS_RESERVED_VALUE]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subsidy_is_that_of_regtest() {
        for (height, sat) in [
            (1, 5_000_000_000),
            (149, 5_000_000_000),
            (150, 2_500_000_000),
            (300, 1_250_000_000),
            (150 * 64, 0),
            (u32::MAX, 0),
        ] {
            assert_eq!(subsidy(height).to_sat(), sat, "height {height}");
        }
    }

    #[test]
    fn a_block_proves_its_work_and_commits_to_its_witnesses() {
        let mut spend = coinbase(7, Amount::ZERO, 0);
        spend.input[0].witness = Witness::from_slice(&[[1_u8; 3]]);
        for transactions in [vec![], vec![spend]] {
            let block = assemble(BlockHash::all_zeros(), 300, 1_700_000_000, Amount::from_sat(5), transactions, 1);
            block.header.validate_pow(block.header.target()).expect("proof of work");
            assert!(block.check_merkle_root());
            assert!(block.check_witness_commitment());
            assert_eq!(block.bip34_block_height(), Ok(300));
            assert_eq!(block.txdata[0].output[0].value, subsidy(300) + Amount::from_sat(5));
        }
    }
}
