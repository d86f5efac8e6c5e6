//! What the window's pages work out without a screen: what a person typed becomes what is asked for, messages become words
//! in a language, numbers become drawings. Knows no browser and no backend, so all of it is tested like any other code.
