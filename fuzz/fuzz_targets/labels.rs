#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    conclave::outside::labels(bytes);
});
