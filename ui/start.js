// Starts the compiled pages. Everything else is Rust.
import init from './conclave.js';

init({ module_or_path: 'conclave_bg.wasm' });
