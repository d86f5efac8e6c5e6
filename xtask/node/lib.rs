//! Nothing: this package exists for the one dependency that its manifest names.
