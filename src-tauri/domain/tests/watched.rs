//! Output descriptors of any wallet: the vectors of BIP67 and of BIP380 to 389 that hold public keys (private ones are
//! refused, which is tried too), and what is said about odd ones.

use bitcoin::{Address, Network};
use conclave_domain::descriptor::Keychain;
use conclave_domain::watched::{ChecksumState, DescriptorRefusal, WatchedDescriptor};
use conclave_shared::DescriptorWarning;

const A: &str =
    "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
const B: &str =
    "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y";
const W: &str =
    "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH";
const K: &str = "03a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd";
const X: &str = "a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd";
const U: &str = "04a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd5b8dec5235a0fa8722476c7709c02559e3aa73aa03918ba2d492eea75abea235";
const PRIVATE: &str =
    "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc";
const SIXTEEN: &str = "03669b8afcec803a0d323e9a17f3ea8e68e8abe5a278020a929adbec52421adbd0,0260b2003c386519fc9eadf2b5cf124dd8eea4c4e68d5e154050a9346ea98ce600,0362a74e399c39ed5593852a30147f2959b56bb827dfa3e60e464b02ccf87dc5e8,0261345b53de74a4d721ef877c255429961b7e43714171ac06168d7e08c542a8b8,02da72e8b46901a65d4374fe6315538d8f368557dda3a1dcf9ea903f3afe7314c8,0318c82dd0b53fd3a932d16e0ba9e278fcc937c582d5781be626ff16e201f72286,0297ccef1ef99f9d73dec9ad37476ddb232f1238aff877af19e72ba04493361009,02e502cfd5c3f972fe9a3e2a18827820638f96b6f347e54d63deb839011fd5765d,03e687710f0e3ebe81c1037074da939d409c0025f17eb86adb9427d28f0f7ae0e9,02c04d3a5274952acdbc76987f3184b346a483d43be40874624b29e3692c1df5af,02ed06e0f418b5b43a7ec01d1d7d27290fa15f75771cb69b642a51471c29c84acd,036d46073cbb9ffee90473f3da429abc8de7f8751199da44485682a989a4bebb24,02f5d1ff7c9029a80a4e36b9a5497027ef7f3e73384a4a94fbfe7c4e9164eec8bc,02e41deffd1b7cce11cde209a781adcffdabd1b91c0ba0375857a2bfd9302419f3,02d76625f7956a7fc505ab02556c23ee72d832f1bac391bcd2d3abce5710a13d06,0399eb0a5487515802dc14544cf10b3666623762fbed2ec38a3975716e2c29c232";

fn scripts(text: &str) -> Vec<String> {
    let descriptor = WatchedDescriptor::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    (0..3).map(|index| descriptor.script(Keychain::Receive, index).unwrap().to_hex_string()).collect()
}

fn refusal(text: &str) -> &'static str {
    match WatchedDescriptor::parse(text) {
        Ok(_) => panic!("{text} was taken"),
        Err(fault) => fault.finding().name(),
    }
}

#[test]
fn scripts_are_those_of_the_published_vectors() {
    let one = [
        // BIP381
        (format!("pk({K})"), format!("21{K}ac")),
        (format!("pkh([deadbeef/1/2'/3/4']{K})"), "76a9149a1c78a507689f6f54b847ad1cef1e614ee23f1e88ac".into()),
        (format!("pkh([deadbeef/1/2h/3/4H]{K})"), "76a9149a1c78a507689f6f54b847ad1cef1e614ee23f1e88ac".into()),
        (format!("pk({U})"), format!("41{U}ac")),
        (format!("pkh({U})"), "76a914b5bd079c4d57cc7fc28ecf8213a6b791625b818388ac".into()),
        (format!("sh(pk({K}))"), "a9141857af51a5e516552b3086430fd8ce55f7c1a52487".into()),
        (format!("sh(pkh({K}))"), "a9141a31ad23bf49c247dd531a623c2ef57da3c400c587".into()),
        (format!("pk({B}/0)"), "210379e45b3cf75f9c5f9befd8e9506fb962f6a9d185ac87001ec44a8d3df8d4a9e3ac".into()),
        // BIP382
        (format!("wsh(pkh({K}))"), "0020338e023079b91c58571b20e602d7805fb808c22473cbc391a41b1bd3a192e75b".into()),
        (format!("wsh(pk({K}))"), "00202e271faa2325c199d25d22e1ead982e45b64eeb4f31e73dbdf41bd4b5fec23fa".into()),
        (format!("sh(wsh(pkh({K})))"), "a914b61b92e2ca21bac1e72a3ab859a742982bea960a87".into()),
        // BIP383
        (format!("multi(1,{K},{U})"), format!("5121{K}41{U}52ae")),
        (format!("sh(multi(2,[00000000/111'/222]{A},{B}/0))"), "a91445a9a622a8b0a1269944be477640eedc447bbd8487".into()),
        (format!("sh(wsh(multi(16,{SIXTEEN})))"), "a9147fc63e13dc25e8a95a3cee3d9a714ac3afd96f1e87".into()),
        // BIP385
        ("raw(deadbeef)".into(), "deadbeef".into()),
        (
            "raw(a9149a4d9901d6af519b2a23d4a2f51650fcba87ce7b87)".into(),
            "a9149a4d9901d6af519b2a23d4a2f51650fcba87ce7b87".into(),
        ),
        ("addr(3PUNyaW7M55oKWJ3kDukwk9bsKvryra15j)".into(), "a914eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee87".into()),
        // BIP386
        (format!("tr({X})"), "512077aab6e066f8a7419c5ab714c12c67d25007ed55a43cadcacb4d7a970a093f11".into()),
        (
            format!("tr({X},pk(669b8afcec803a0d323e9a17f3ea8e68e8abe5a278020a929adbec52421adbd0))"),
            "512017cf18db381d836d8923b1bdb246cfcd818da1a9f0e6e7907f187f0b2f937754".into(),
        ),
        // BIP387
        (
            format!("tr({X},multi_a(1,669b8afcec803a0d323e9a17f3ea8e68e8abe5a278020a929adbec52421adbd0))"),
            "5120eb5bd3894327d75093891cc3a62506df7d58ec137fcd104cdd285d67816074f3".into(),
        ),
        (
            format!(
                "tr(50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0,multi_a(2,[00000000/111'/222]{A},{B}/0))"
            ),
            "51202eea93581594a43c0c8423b70dc112e5651df63984d108d4fc8ccd3b63b4eafa".into(),
        ),
        // rawtr: the key is the output key.
        (format!("rawtr({X})"), format!("5120{X}")),
    ];
    for (text, script) in one {
        assert_eq!(scripts(&text), vec![script; 3], "{text}");
    }
    let ranged = [
        (
            format!("wpkh([ffffffff/13']{W}/1/2/*)"),
            [
                "0014326b2249e3a25d5dc60935f044ee835d090ba859",
                "0014af0bd98abc2f2cae66e36896a39ffe2d32984fb7",
                "00141fa798efd1cbf95cebf912c031b8a4a6e9fb9f27",
            ],
        ),
        (
            format!("tr({A}/0/*,pk({A}/1/*))"),
            [
                "512078bc707124daa551b65af74de2ec128b7525e10f374dc67b64e00ce0ab8b3e12",
                "512001f0a02a17808c20134b78faab80ef93ffba82261ccef0a2314f5d62b6438f11",
                "512021024954fcec88237a9386fce80ef2ced5f1e91b422b26c59ccfc174c8d1ad25",
            ],
        ),
    ];
    for (text, expected) in ranged {
        assert_eq!(scripts(&text), expected, "{text}");
    }
}

#[test]
fn keys_are_sorted_where_sortedmulti_says_so_and_nowhere_else() {
    // BIP67, vector 1.
    let (low, high) = (
        "02fe6f0a5a297eb38c391581c4413e084773ea23954d93f7753db7dc0adc188b2f",
        "02ff12471208c14bd580709cb2358d98975247d8765f92bc25eab3b2763ed605f8",
    );
    let address = |text: &str| {
        let script = WatchedDescriptor::parse(text).unwrap().script(Keychain::Receive, 0).unwrap();
        Address::from_script(&script, Network::Bitcoin).unwrap().to_string()
    };
    for keys in [format!("{low},{high}"), format!("{high},{low}")] {
        assert_eq!(address(&format!("sh(sortedmulti(2,{keys}))")), "39bgKC7RFbpoCRbtD5KEdkYKtNyhpsNa3Z");
    }
    assert_eq!(address(&format!("sh(multi(2,{low},{high}))")), "39bgKC7RFbpoCRbtD5KEdkYKtNyhpsNa3Z");
    assert_ne!(address(&format!("sh(multi(2,{high},{low}))")), "39bgKC7RFbpoCRbtD5KEdkYKtNyhpsNa3Z");
}

#[test]
fn a_combo_owns_all_its_scripts() {
    let descriptor = WatchedDescriptor::parse(&format!("combo({K})")).unwrap();
    let scripts: Vec<_> = descriptor.at(Keychain::Receive, 0).iter().map(|it| it.script.clone()).collect();
    assert_eq!(scripts.len(), 4);
    assert!(scripts[0].is_p2pk() && scripts[1].is_p2pkh() && scripts[2].is_p2wpkh() && scripts[3].is_p2sh());
    assert_eq!(WatchedDescriptor::parse(&format!("combo({U})")).unwrap().at(Keychain::Receive, 0).len(), 2);
    assert_eq!(WatchedDescriptor::parse(&format!("combo({A}/<0;1>/*)")).unwrap().at(Keychain::Change, 7).len(), 4);
}

#[test]
fn two_keychains_come_from_two_paths_from_two_lines_or_by_convention() {
    let first = WatchedDescriptor::parse(&format!("wpkh({A}/<0;1>/*)")).unwrap();
    let second = WatchedDescriptor::parse(&format!("Receive: wpkh({A}/0/*)\r\n\n Change: wpkh({A}/1/*)\n")).unwrap();
    let third = WatchedDescriptor::parse(&format!("\u{feff}wpkh({A}/0/*)")).unwrap();
    let fourth = WatchedDescriptor::parse(&format!("wpkh({A}/**)")).unwrap();
    for other in [&second, &third, &fourth] {
        for keychain in [Keychain::Receive, Keychain::Change] {
            assert_eq!(first.script(keychain, 5), other.script(keychain, 5));
        }
    }
    assert!(third.check().warnings.contains(&DescriptorWarning::ChangeImplied));
    assert!(!second.check().warnings.contains(&DescriptorWarning::ChangeImplied));
    // BIP389: any two steps, at any place.
    let vector = WatchedDescriptor::parse(&format!("wpkh([ffffffff/13h]{W}/<1;3>/2/*)")).unwrap();
    assert_eq!(
        vector.script(Keychain::Receive, 0).unwrap().to_hex_string(),
        "0014326b2249e3a25d5dc60935f044ee835d090ba859"
    );
    let alone = WatchedDescriptor::parse(&format!("wpkh([ffffffff/13h]{W}/3/2/*)")).unwrap();
    assert_eq!(vector.script(Keychain::Change, 4), alone.script(Keychain::Receive, 4));
}

#[test]
fn a_checksum_is_verified_where_it_is_and_computed_where_it_is_not() {
    let read = |text: &str| WatchedDescriptor::parse(text);
    assert_eq!(*read("raw(deadbeef)#89f8spxm").unwrap().checksum(), ChecksumState::Verified);
    let missing = read("raw(deadbeef)").unwrap();
    assert_eq!((*missing.checksum(), missing.text()), (ChecksumState::Missing, "raw(deadbeef)#89f8spxm"));
    for wrong in ["raw(deadbeef)#", "raw(deadbeef)#89f8spxmx", "raw(deadbeef)#89f8spx", "raw(deedbeef)##9f8spxm"] {
        assert_eq!(refusal(wrong), "checksum-wrong", "{wrong}");
    }
    assert_eq!(refusal("raw(\u{dc})#00000000"), "descriptor-malformed");
    let Err(DescriptorRefusal::Checksum { expected, position, .. }) = read("raw(deedbeef)#89f8spxm") else {
        panic!("taken");
    };
    assert_eq!(position, Some((6, 'a')), "the one wrong character");
    assert_ne!(expected, "89f8spxm");
}

#[test]
fn what_is_known_but_not_handled_is_not_called_malformed() {
    for text in [
        format!("tr({X},sortedmulti_a(1,{A}/*))"),
        format!("tr(musig({A},{B})/0/*)"),
        format!("pkh({A}/<0;1;2>)"),
        format!("sortedmulti(1,{K},{U})"),
        "wpkh(zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs/0/*)".into(),
    ] {
        assert_eq!(refusal(&text), "not-supported", "{text}");
    }
}

#[test]
fn what_is_no_descriptor_is_refused() {
    for text in [
        "".into(),
        "hello".into(),
        format!("pk(pk({K}))"),
        format!("sh({K})"),
        format!("sh(sh(pkh({K})))"),
        format!("wpkh({U})"),
        format!("sh(wpkh({U}))"),
        format!("wsh(pk({U}))"),
        format!("wsh(wpkh({K}))"),
        format!("wsh(wsh(pkh({K})))"),
        format!("wpkh(wsh(pkh({K})))"),
        format!("wsh({K})"),
        format!("sh(multi(16,{SIXTEEN}))"),
        format!("multi(a,{K},{U})"),
        format!("multi(0,{K},{U})"),
        format!("multi(3,{K},{U})"),
        "raw(asdf)".into(),
        "addr(asdf)".into(),
        "sh(raw(deadbeef))".into(),
        "wsh(addr(3PUNyaW7M55oKWJ3kDukwk9bsKvryra15j))".into(),
        format!("tr({U})"),
        format!("wsh(tr({X}))"),
        format!("multi_a(1,{K})"),
        format!("wsh(multi_a(1,{K}))"),
        format!("pkh({A}/<0;1>/<2;3>)"),
        format!("pkh([deadbeef/<0;1>]{A}/0)"),
        format!("tr({A}/<6;7>/*,pk({B}/<1;2;3>/*))"),
        format!("wpkh({A}/<>/*)"),
        format!("wpkh({A}/0>/*)"),
        format!("wpkh({A}/<0/*)"),
        format!("wpkh({A}/<0;>/*)"),
        format!("wpkh({A}/<1;1>/*)"),
        format!("pkh([deadbeef/0h/0h/0h/*]{K})"),
        format!("pkh([deadbeef/0h/0h/0h/]{K})"),
        format!("pkh([deadbef/0h/0h/0h]{K})"),
        format!("pkh([aaaaaaaa][aaaaaaaa]{K})"),
        format!("wpkh({A}/0h/*)"),
        format!("wpkh({A}/0/*h)"),
        format!(
            "wsh(sortedmulti(1,{A}/0/*,tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B/0/*))"
        ),
    ] {
        let name = refusal(&text);
        assert!(
            name == "descriptor-malformed" || (text.contains("<1;2;3>") && name == "not-supported"),
            "{text}: {name}"
        );
    }
}

#[test]
fn a_private_key_is_refused_and_never_repeated() {
    for text in [
        format!("wpkh({PRIVATE}/0/*)"),
        format!("wpkh([deadbeef/0h]{PRIVATE}/0/*)#00000000"),
        format!("wsh(multi(1,{A}/0/*,{PRIVATE}"),
        "pkh(L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1)".into(),
        "pkh([deadbeef/1]5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss)".into(),
    ] {
        let fault = WatchedDescriptor::parse(&text).unwrap_err();
        assert_eq!(fault, DescriptorRefusal::PrivateKey);
        let told = format!("{fault} {fault:?}");
        assert!(!told.contains("prv") && !told.contains("L4rK") && !told.contains("5KYZ"), "{told}");
    }
}

#[test]
fn one_key_under_two_names_is_refused() {
    for text in [
        format!("wsh(sortedmulti(2,[11111111/48h]{A}/<0;1>/*,[22222222/48h]{A}/<0;1>/*,{B}/<0;1>/*))"),
        format!("wsh(sortedmulti(2,[11111111/48h]{A}/<0;1>/*,[11111111/49h]{A}/<2;3>/*))"),
        format!("wsh(sortedmulti(2,{A}/<0;1>/*,{A}/<0;1>/*))"),
        format!("wsh(multi(2,[11111111]{A}/0/*,{A}/1/*))"),
        format!("sh(multi(2,{K},{K}))"),
        format!("tr({X},multi_a(2,{A}/0/*,{A}/0/*))"),
    ] {
        assert_eq!(refusal(&text), "key-duplicated", "{text}");
    }
    // The same key by the same name on other paths: two branches of one person.
    let branches = format!(
        "wsh(or_d(multi(2,[11111111/48h]{A}/<0;1>/*,{B}/<0;1>/*),and_v(v:pkh([11111111/48h]{A}/<2;3>/*),older(100))))"
    );
    let checked = WatchedDescriptor::parse(&branches).unwrap().check();
    assert!(checked.warnings.contains(&DescriptorWarning::KeyReused));
    assert_eq!(checked.threshold, Some(2), "one is enough only after waiting");
}

#[test]
fn odd_things_are_named_and_do_not_refuse() {
    let warnings = |text: String| {
        WatchedDescriptor::parse(&text)
            .unwrap()
            .check()
            .warnings
            .into_iter()
            .map(DescriptorWarning::name)
            .collect::<Vec<_>>()
    };
    let fine = format!("wsh(sortedmulti(1,[deadbeef/1h/2h/3h/4h]{A}/<0;1>/*,[deadbee0/1h]{B}/<0;1>/*))");
    assert_eq!(warnings(fine.clone()), ["checksum-missing"]);
    assert_eq!(warnings(fine.replace("[deadbee0/1h]", "")), ["checksum-missing", "origin-missing"]);
    assert_eq!(warnings(fine.replace("deadbee0", "00000000")), ["checksum-missing", "fingerprint-zero"]);
    assert_eq!(warnings(fine.replace("deadbee0/1h", "deadbee0/1h/2h")), ["checksum-missing", "depth-differs"]);
    assert_eq!(warnings(fine.replace("sortedmulti", "multi")), ["checksum-missing", "multi-unsorted"]);
    assert_eq!(warnings(fine.replace("<0;1>", "7")), ["checksum-missing", "change-missing"]);
    assert_eq!(warnings(fine.replace("<0;1>/*", "7")), ["checksum-missing", "not-ranged"]);
    let kind = |text: String| WatchedDescriptor::parse(&text).unwrap().check().kind;
    assert_eq!(kind(fine.clone()), "wsh(sortedmulti)");
    assert_eq!(kind(format!("sh({fine})")), "sh(wsh(sortedmulti))");
    assert_eq!(kind(format!("tr({X},multi_a(1,{A}/0/*))")), "tr(multi_a)");
}
