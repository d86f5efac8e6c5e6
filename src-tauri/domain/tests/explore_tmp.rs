use conclave_domain::psbt::file::*;
use conclave_domain::psbt::inspect::*;
#[test]
fn explore() {
    let root = std::path::PathBuf::from(std::env::var_os("CONCLAVE_FIXTURES").unwrap()).join("psbt");
    let mut names: Vec<_> = std::fs::read_dir(root).unwrap().map(|f| f.unwrap().path()).collect();
    names.sort();
    for path in names {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("extracted") {
            for (n, line) in String::from_utf8(bytes).unwrap().lines().enumerate() {
                let Some((src, value)) = line.split_once('\t') else { println!("?? {line}"); continue };
                one(&format!("{name}:{} {}", n + 1, src.rsplit('/').next().unwrap()), value.as_bytes());
            }
        } else { one(&name, &bytes); }
    }
}
fn one(name: &str, bytes: &[u8]) {
    match PsbtFile::parse(bytes) {
        Err(e) => println!("{name} | {} | {e}", e.finding().name()),
        Ok(f) => {
            let i = inspect_file(&f, None, &Bounds::default());
            let fi: Vec<String> = i.findings.iter().map(|f| format!("{}@{:?}/{:?}: {}", f.finding.name(), f.input, f.output, f.message)).collect();
            let st: Vec<String> = i.inputs.iter().map(|i| format!("{}:{:?}:{}/{:?}", i.script_type, i.state, i.signatures.len(), i.progress.map(|p| (p.have,p.need,p.of)))).collect();
            println!("{name} | ok {:?} {:?} fee {:?} {:?} | {st:?} | {fi:?}", f.version(), f.encoding(), i.fee_sat, i.fee_rate);
            // round trip
            let v0 = f.converted(PsbtVersion::V0).unwrap().0;
            let v2 = v0.converted(PsbtVersion::V2).unwrap().0;
            let back = v2.converted(PsbtVersion::V0).unwrap().0;
            assert_eq!(back.psbt(), v0.psbt());
            if back.to_bytes() != v0.to_bytes() { println!("   !! bytes differ after round trip"); }
        }
    }
}
