#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    conclave::outside::store_rows(bytes);
});
