use std::collections::HashSet;
use std::mem::discriminant;

use bitcoin::absolute::LockTime;
use bitcoin::hashes::Hash;
use bitcoin::opcodes::all::{OP_CHECKMULTISIG, OP_NOP, OP_PUSHNUM_1, OP_PUSHNUM_2, OP_PUSHNUM_3, OP_RETURN};
use bitcoin::script::{Builder, PushBytesBuf};
use bitcoin::secp256k1::{SecretKey, ecdsa};
use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxOut, Txid, Witness};

use super::{DEPOSIT, Ground, NOW, deposit, draft};
use crate::practice::{PracticeChain, Rejection};

/// S becomes n - S: as valid for bitcoin's script, refused by every relaying node.
fn high_s(signature: ecdsa::Signature) -> ecdsa::Signature {
    let mut bytes = signature.serialize_compact();
    let s = SecretKey::from_slice(&bytes[32..]).expect("a scalar").negate();
    bytes[32..].copy_from_slice(&s.secret_bytes());
    ecdsa::Signature::from_compact(&bytes).expect("a signature")
}

fn with(ground: &Ground, change: impl FnOnce(&mut Transaction)) -> Transaction {
    let mut tx = ground.draft();
    change(&mut tx);
    ground.sign(tx)
}

fn data_output() -> TxOut {
    TxOut {
        value: Amount::ZERO,
        script_pubkey: Builder::new().push_opcode(OP_RETURN).push_slice([7; 20]).into_script(),
    }
}

#[test]
fn a_signed_spend_of_two_of_three_is_taken() {
    let mut ground = Ground::new();
    let tx = with(&ground, |_| {});
    let txid = tx.compute_txid();
    assert_eq!(ground.chain.accept(tx.clone()), Ok(txid));
    assert_eq!(ground.chain.accept(tx.clone()), Err(Rejection::AlreadyKnown { txid }), "in the mempool");
    ground.chain.mine(1);
    assert_eq!(ground.chain.confirmed_at(txid), Some((ground.chain.height(), 1)));
    assert_eq!(ground.chain.accept(tx), Err(Rejection::AlreadyKnown { txid }), "in a block");
}

#[test]
fn every_rule_refuses_by_name() {
    let mut ground = Ground::new();
    let script = ground.vault.script();
    let next_height = ground.chain.height() + 1;
    let median_time = ground.chain.tip().median_time;

    let second = deposit(&mut ground.chain, &script);
    let spender = ground.vault.sign(draft(second, script.clone(), Amount::from_sat(900_000)), &[DEPOSIT]);
    let by = ground.chain.accept(spender.clone()).expect("a good spend");
    let mut other_witness = spender.clone();
    other_witness.input[0].witness.push([1]);

    let unknown_version = ScriptBuf::from_bytes([&[0x52, 0x20][..], &[9; 32]].concat());
    let unknown_coin = deposit(&mut ground.chain, &unknown_version);
    let mut long_script = Builder::new();
    for _ in 0..7 {
        long_script = long_script.push_slice(PushBytesBuf::try_from(vec![0; 520]).expect("a push"));
    }
    let long_script = long_script.push_opcode(OP_PUSHNUM_1).into_script();
    let long_coin = deposit(&mut ground.chain, &long_script.to_p2wsh());
    let mut long_spend = draft(long_coin, script.clone(), Amount::from_sat(900_000));
    long_spend.input[0].witness = Witness::from_slice(&[long_script.as_bytes()]);

    let young = ground.chain.block(50).expect("a block").txdata[0].compute_txid();
    let young_coin = OutPoint { txid: young, vout: 0 };
    let nowhere = OutPoint { txid: Txid::from_byte_array([5; 32]), vout: 0 };
    let key = [2; 33];
    let three_keys = Builder::new()
        .push_opcode(OP_PUSHNUM_1)
        .push_slice(key)
        .push_slice(key)
        .push_slice(key)
        .push_opcode(OP_PUSHNUM_3)
        .push_opcode(OP_CHECKMULTISIG)
        .into_script();
    let bare = Builder::new().push_slice([1; 20]).push_opcode(OP_PUSHNUM_2).into_script();
    let too_much = Amount::MAX_MONEY + Amount::from_sat(1);
    let late = median_time + 1;

    let coin = ground.coin;
    let g = &ground;
    // The one that waits pays 100 000 sat, and this one its own way through the network.
    let replaces_from = 100_000 + with(g, |tx| tx.input[0].previous_output = second).vsize() as u64;
    let cases: Vec<(&str, Transaction, Rejection)> = vec![
        ("again", spender.clone(), Rejection::AlreadyKnown { txid: by }),
        ("again, other witness", other_witness, Rejection::WitnessDiffers { txid: by }),
        ("coinbase", draft(OutPoint::null(), script.clone(), DEPOSIT), Rejection::Coinbase),
        ("no inputs", Transaction { input: vec![], ..g.draft() }, Rejection::NoInputs),
        ("no outputs", with(g, |tx| tx.output.clear()), Rejection::NoOutputs),
        (
            "one coin twice",
            with(g, |tx| tx.input.push(tx.input[0].clone())),
            Rejection::DuplicateInput { outpoint: coin },
        ),
        (
            "a coin that never was",
            with(g, |tx| tx.input[0].previous_output = nowhere),
            Rejection::MissingInput { outpoint: nowhere },
        ),
        (
            "an output that never was",
            with(g, |tx| tx.input[0].previous_output.vout = 9),
            Rejection::MissingInput { outpoint: OutPoint { vout: 9, ..coin } },
        ),
        (
            "spent in the mempool, without more for miners",
            with(g, |tx| tx.input[0].previous_output = second),
            Rejection::ReplacementUnpaid {
                outpoint: second,
                by,
                fee: Amount::from_sat(1_000),
                minimum: Amount::from_sat(replaces_from),
            },
        ),
        (
            "young coinbase",
            with(g, |tx| tx.input[0].previous_output = young_coin),
            Rejection::ImmatureCoinbase { outpoint: young_coin, from_height: 150 },
        ),
        ("more than all bitcoin", with(g, |tx| tx.output[0].value = too_much), Rejection::AmountOutOfRange),
        (
            "sum above all bitcoin",
            with(g, |tx| {
                tx.output[0].value = Amount::MAX_MONEY;
                tx.output.push(tx.output[0].clone());
            }),
            Rejection::AmountOutOfRange,
        ),
        (
            "sum beyond 64 bits",
            with(g, |tx| {
                tx.output[0].value = Amount::MAX;
                tx.output.push(tx.output[0].clone());
            }),
            Rejection::AmountOutOfRange,
        ),
        (
            "pays more than it spends",
            with(g, |tx| tx.output[0].value = DEPOSIT + Amount::from_sat(1)),
            Rejection::Overspend { value_in: DEPOSIT, value_out: DEPOSIT + Amount::from_sat(1) },
        ),
        (
            "locktime by height",
            with(g, |tx| tx.lock_time = LockTime::from_consensus(next_height)),
            Rejection::NotFinal { lock_time: next_height, next_height, median_time },
        ),
        (
            "locktime by time",
            with(g, |tx| tx.lock_time = LockTime::from_consensus(late)),
            Rejection::NotFinal { lock_time: late, next_height, median_time },
        ),
        (
            "relative lock by height",
            with(g, |tx| tx.input[0].sequence = Sequence::from_height(2)),
            Rejection::RelativeLock { input: 0 },
        ),
        (
            "relative lock by time",
            with(g, |tx| tx.input[0].sequence = Sequence::from_512_second_intervals(100)),
            Rejection::RelativeLock { input: 0 },
        ),
        ("no signatures", g.draft(), Rejection::Script { input: 0 }),
        ("signed for another amount", g.vault.sign(g.draft(), &[DEPOSIT - Amount::from_sat(1)]), {
            Rejection::Script { input: 0 }
        }),
        (
            "changed after signing",
            {
                let mut tx = with(g, |_| {});
                tx.output[0].value -= Amount::from_sat(1);
                tx
            },
            Rejection::Script { input: 0 },
        ),
        ("version 0", with(g, |tx| tx.version = Version(0)), Rejection::Version { version: 0 }),
        ("version 4", with(g, |tx| tx.version = Version(4)), Rejection::Version { version: 4 }),
        (
            "too small",
            with(g, |tx| {
                tx.output[0] =
                    TxOut { value: Amount::ZERO, script_pubkey: Builder::new().push_opcode(OP_RETURN).into_script() };
            }),
            Rejection::TooSmall { size: 61 },
        ),
        ("high S", g.vault.sign_with(g.draft(), &[DEPOSIT], high_s), Rejection::HighS { input: 0 }),
        (
            "scriptSig with an operation",
            with(g, |tx| tx.input[0].script_sig = Builder::new().push_opcode(OP_NOP).into_script()),
            Rejection::ScriptSig { input: 0 },
        ),
        ("long witness script", long_spend, Rejection::WitnessLimits { input: 0 }),
        (
            "unknown witness version",
            draft(unknown_coin, script.clone(), Amount::from_sat(900_000)),
            Rejection::InputType { input: 0 },
        ),
        ("bare script", with(g, |tx| tx.output[0].script_pubkey = bare.clone()), Rejection::OutputType { output: 0 }),
        (
            "two data outputs",
            with(g, |tx| tx.output.extend([data_output(), data_output()])),
            Rejection::OutputType { output: 2 },
        ),
        (
            "dust",
            with(g, |tx| tx.output[0].value = Amount::from_sat(329)),
            Rejection::Dust { output: 0, minimum: Amount::from_sat(330) },
        ),
    ];
    let mut seen = HashSet::new();
    let mut check = |chain: &mut PracticeChain, name: &str, tx: Transaction, expected: Rejection| {
        let revision = chain.revision();
        let got = chain.accept(tx).expect_err(name);
        assert_eq!(got, expected, "{name}");
        assert_eq!(chain.revision(), revision, "{name}: a refused transaction changes nothing");
        seen.insert(discriminant(&got));
    };
    let heavy = with(&ground, |tx| tx.output = vec![tx.output[0].clone(); 2_400]);
    let weight = heavy.weight().to_wu();
    let sigops = with(&ground, |tx| {
        tx.output = vec![TxOut { value: Amount::from_sat(1_000), script_pubkey: three_keys.clone() }; 201];
    });
    let low_fee = with(&ground, |tx| tx.output[0].value = DEPOSIT - Amount::from_sat(1));
    let minimum = Amount::from_sat(low_fee.vsize() as u64);
    let chain = &mut ground.chain;
    check(chain, "heavy", heavy, Rejection::Weight { weight });
    let cost = sigops.total_sigop_cost(|_| Some(TxOut { value: DEPOSIT, script_pubkey: script.clone() }));
    assert!(cost > 16_000, "{cost}");
    check(chain, "sigops", sigops, Rejection::Sigops { cost });
    check(chain, "low fee", low_fee, Rejection::FeeTooLow { fee: Amount::from_sat(1), minimum });
    for (name, tx, expected) in cases {
        check(chain, name, tx, expected);
    }
    chain.mine(1);
    let mut again = draft(second, script.clone(), Amount::from_sat(800_000));
    again.input[0].sequence = Sequence::MAX;
    check(chain, "spent in a block", again, Rejection::DoubleSpend { outpoint: second, by });
    assert_eq!(seen.len(), 26, "every reason was seen");
}

#[test]
fn one_changed_byte_of_a_signature_is_refused() {
    let mut ground = Ground::new();
    let good = with(&ground, |_| {});
    let items: Vec<Vec<u8>> = good.input[0].witness.iter().map(<[u8]>::to_vec).collect();
    for signature in [1, 2] {
        // Inside R, inside S, and the sighash byte.
        for at in [8, 45, items[signature].len() - 1] {
            let mut changed = items.clone();
            changed[signature][at] ^= 1;
            let mut tx = good.clone();
            tx.input[0].witness = Witness::from_slice(&changed);
            let refused = ground.chain.accept(tx).expect_err("a broken signature");
            assert_eq!(refused, Rejection::Script { input: 0 }, "signature {signature}, byte {at}");
        }
    }
    ground.chain.accept(good).expect("the unbroken one is taken");
}

#[test]
fn locks_open_when_their_time_has_come() {
    let mut ground = Ground::new();
    let height = ground.chain.height();
    // In the block at `height + 1` a locktime of `height` is over, and a coin of block `height` is one block deep.
    let by_height = with(&ground, |tx| tx.lock_time = LockTime::from_consensus(height));
    let one_deep = with(&ground, |tx| tx.input[0].sequence = Sequence::from_height(1));
    let two_deep = with(&ground, |tx| tx.input[0].sequence = Sequence::from_height(2));
    let by_time = with(&ground, |tx| tx.lock_time = LockTime::from_consensus(NOW + 86_400));
    let hours = with(&ground, |tx| tx.input[0].sequence = Sequence::from_512_second_intervals(10));
    for (name, tx) in [("by height", by_height), ("one deep", one_deep)] {
        let mut chain = Ground::new().chain;
        chain.accept(tx).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for (name, tx, blocks, seconds) in
        [("two deep", two_deep, 1, 0), ("by time", by_time, 6, 90_000), ("hours", hours, 6, 5_120)]
    {
        let mut chain = Ground::new().chain;
        chain.accept(tx.clone()).expect_err(name);
        chain.set_clock(NOW + seconds);
        chain.mine(blocks);
        chain.accept(tx).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    // A final sequence switches the locktime off, version 1 the relative lock.
    let off = with(&ground, |tx| {
        tx.lock_time = LockTime::from_consensus(NOW + 86_400);
        tx.input[0].sequence = Sequence::MAX;
    });
    ground.chain.accept(off).expect("the locktime is off");
    let mut second = Ground::new();
    let old = with(&second, |tx| {
        tx.version = Version::ONE;
        tx.input[0].sequence = Sequence::from_height(1_000);
    });
    second.chain.accept(old).expect("version 1 has no relative locks");
}

#[test]
fn a_taproot_key_spend_is_judged_by_all_its_coins() {
    use bitcoin::key::{Keypair, TapTweak};
    use bitcoin::secp256k1::{Message, Secp256k1};
    use bitcoin::sighash::{Prevouts, SighashCache, TapSighashType};

    let secp = Secp256k1::new();
    let mut chain = PracticeChain::new(NOW);
    let pair = Keypair::from_seckey_slice(&secp, &[4; 32]).expect("a key");
    let script = ScriptBuf::new_p2tr(&secp, pair.x_only_public_key().0, None);
    let coin = deposit(&mut chain, &script);
    let mut tx = draft(coin, script.clone(), Amount::from_sat(900_000));
    let spent = TxOut { value: DEPOSIT, script_pubkey: script };
    let hash = SighashCache::new(&tx)
        .taproot_key_spend_signature_hash(0, &Prevouts::All(&[spent]), TapSighashType::Default)
        .expect("a hash");
    let tweaked = pair.tap_tweak(&secp, None).to_keypair();
    let signature = secp.sign_schnorr_no_aux_rand(&Message::from_digest(*hash.as_ref()), &tweaked);
    let mut broken = signature.as_ref().to_vec();
    broken[40] ^= 1;
    tx.input[0].witness = Witness::from_slice(&[broken]);
    assert_eq!(chain.accept(tx.clone()), Err(Rejection::Script { input: 0 }));
    tx.input[0].witness = Witness::from_slice(&[signature.as_ref()]);
    chain.accept(tx).expect("a good taproot spend");
}
