//! An Electrum client in front of another: it cuts batches into chunks, and checks the answers that the client below
//! would believe (and panic on). Nothing of wallets here.
//!
//! Chunks, because electrum-client wakes every waiting request at every reply: a batch costs its square, and one batch of
//! all merkle proofs of a large wallet took 4.5 GB.

use std::borrow::Borrow;

use bitcoin::block::Header;
use bitcoin::{Script, Txid};
use electrum_client::{
    Batch, BroadcastPackageRes, ElectrumApi, Error, EstimationMode, GetBalanceRes, GetHeadersRes, GetHistoryRes,
    GetMerkleRes, ListUnspentRes, MempoolInfoRes, Param, RawHeaderNotification, ScriptStatus, ServerFeaturesRes,
    TxidFromPosRes,
};
use serde_json::{Value, json};

/// Most requests that are under way at once.
pub const CHUNK: usize = 50;
/// No chain is that high; bdk counts onwards from a height, which must not overflow.
const MAX_HEIGHT: usize = 100_000_000;
const HEADER_HEX: usize = 160;

/// Cuts every batch into chunks of [`CHUNK`]. Without a client below, every call fails as not connected.
#[derive(Debug)]
pub struct Chunked<A> {
    inner: Option<A>,
}

impl<A> Default for Chunked<A> {
    fn default() -> Self {
        Self { inner: None }
    }
}

impl<A: ElectrumApi> Chunked<A> {
    /// In front of `inner`.
    pub fn new(inner: A) -> Self {
        Self { inner: Some(inner) }
    }

    /// Puts another client below, or none. The old one is dropped, and its connection with it.
    pub fn replace(&mut self, inner: Option<A>) {
        self.inner = inner;
    }

    /// Whether there is a client below.
    pub fn is_connected(&self) -> bool {
        self.inner.is_some()
    }

    fn inner(&self) -> Result<&A, Error> {
        self.inner.as_ref().ok_or_else(|| Error::IOError(std::io::ErrorKind::NotConnected.into()))
    }

    fn in_chunks<T, R>(&self, all: &[T], ask: impl Fn(&A, &[T]) -> Result<Vec<R>, Error>) -> Result<Vec<R>, Error> {
        let inner = self.inner()?;
        let mut answers = Vec::with_capacity(all.len());
        for chunk in all.chunks(CHUNK) {
            let part = ask(inner, chunk)?;
            if part.len() != chunk.len() {
                return Err(Error::Message(format!("{} answers to {} requests", part.len(), chunk.len())));
            }
            answers.extend(part);
        }
        Ok(answers)
    }
}

/// Headers as protocol 1.4 sends them (one hex text) or as 1.6 does (a list).
fn read_headers(answer: &Value, wanted: usize) -> Result<Vec<Header>, Error> {
    let wrong = || Error::InvalidResponse(answer.clone());
    let texts: Vec<&str> = match (answer.get("hex"), answer.get("headers")) {
        (Some(Value::String(hex)), _) if hex.is_ascii() && hex.len() % HEADER_HEX == 0 => {
            (0..hex.len() / HEADER_HEX).filter_map(|n| hex.get(n * HEADER_HEX..(n + 1) * HEADER_HEX)).collect()
        }
        (None, Some(Value::Array(list))) => list.iter().filter_map(Value::as_str).collect(),
        _ => return Err(wrong()),
    };
    if texts.len() > wanted {
        return Err(wrong());
    }
    texts
        .into_iter()
        .map(|text| {
            let bytes = hex::decode(text).map_err(|_| wrong())?;
            Ok(bitcoin::consensus::deserialize(&bytes)?)
        })
        .collect()
}

impl<A: ElectrumApi> ElectrumApi for Chunked<A> {
    fn raw_call(&self, method: &str, params: impl IntoIterator<Item = Param>) -> Result<Value, Error> {
        self.inner()?.raw_call(method, params)
    }

    fn batch_call(&self, batch: &Batch) -> Result<Vec<Value>, Error> {
        let calls: Vec<_> = batch.iter().collect();
        self.in_chunks(&calls, |inner, chunk| {
            let mut part = Batch::default();
            for (method, params) in chunk {
                part.raw(method.clone(), params.clone());
            }
            inner.batch_call(&part)
        })
    }

    fn block_headers_subscribe_raw(&self) -> Result<RawHeaderNotification, Error> {
        let tip = self.inner()?.block_headers_subscribe_raw()?;
        if tip.height > MAX_HEIGHT {
            return Err(Error::Message(format!("no chain is {} blocks high", tip.height)));
        }
        Ok(tip)
    }

    fn block_headers_pop_raw(&self) -> Result<Option<RawHeaderNotification>, Error> {
        self.inner()?.block_headers_pop_raw()
    }

    fn block_header_raw(&self, height: usize) -> Result<Vec<u8>, Error> {
        self.inner()?.block_header_raw(height)
    }

    /// The client below cuts the answer at a length that the server names, and panics if it is not there.
    fn block_headers(&self, start_height: usize, count: usize) -> Result<GetHeadersRes, Error> {
        let params = [Param::Usize(start_height), Param::Usize(count)];
        let answer = self.inner()?.raw_call("blockchain.block.headers", params)?;
        let headers = read_headers(&answer, count)?;
        let max = answer.get("max").and_then(Value::as_u64).unwrap_or(0);
        let mut result: GetHeadersRes = serde_json::from_value(json!({"max": max, "count": headers.len()}))?;
        result.headers = headers;
        Ok(result)
    }

    fn estimate_fee(&self, number: usize, mode: Option<EstimationMode>) -> Result<f64, Error> {
        self.inner()?.estimate_fee(number, mode)
    }

    fn relay_fee(&self) -> Result<f64, Error> {
        self.inner()?.relay_fee()
    }

    fn script_subscribe(&self, script: &Script) -> Result<Option<ScriptStatus>, Error> {
        self.inner()?.script_subscribe(script)
    }

    fn batch_script_subscribe<'s, I>(&self, scripts: I) -> Result<Vec<Option<ScriptStatus>>, Error>
    where
        I: IntoIterator + Clone,
        I::Item: Borrow<&'s Script>,
    {
        let all: Vec<&Script> = scripts.into_iter().map(|script| *script.borrow()).collect();
        self.in_chunks(&all, |inner, chunk| inner.batch_script_subscribe(chunk))
    }

    fn script_unsubscribe(&self, script: &Script) -> Result<bool, Error> {
        self.inner()?.script_unsubscribe(script)
    }

    fn script_pop(&self, script: &Script) -> Result<Option<ScriptStatus>, Error> {
        self.inner()?.script_pop(script)
    }

    fn script_get_balance(&self, script: &Script) -> Result<GetBalanceRes, Error> {
        self.inner()?.script_get_balance(script)
    }

    fn batch_script_get_balance<'s, I>(&self, scripts: I) -> Result<Vec<GetBalanceRes>, Error>
    where
        I: IntoIterator + Clone,
        I::Item: Borrow<&'s Script>,
    {
        let all: Vec<&Script> = scripts.into_iter().map(|script| *script.borrow()).collect();
        self.in_chunks(&all, |inner, chunk| inner.batch_script_get_balance(chunk))
    }

    fn script_get_history(&self, script: &Script) -> Result<Vec<GetHistoryRes>, Error> {
        self.inner()?.script_get_history(script)
    }

    fn batch_script_get_history<'s, I>(&self, scripts: I) -> Result<Vec<Vec<GetHistoryRes>>, Error>
    where
        I: IntoIterator + Clone,
        I::Item: Borrow<&'s Script>,
    {
        let all: Vec<&Script> = scripts.into_iter().map(|script| *script.borrow()).collect();
        self.in_chunks(&all, |inner, chunk| inner.batch_script_get_history(chunk))
    }

    fn script_list_unspent(&self, script: &Script) -> Result<Vec<ListUnspentRes>, Error> {
        self.inner()?.script_list_unspent(script)
    }

    fn batch_script_list_unspent<'s, I>(&self, scripts: I) -> Result<Vec<Vec<ListUnspentRes>>, Error>
    where
        I: IntoIterator + Clone,
        I::Item: Borrow<&'s Script>,
    {
        let all: Vec<&Script> = scripts.into_iter().map(|script| *script.borrow()).collect();
        self.in_chunks(&all, |inner, chunk| inner.batch_script_list_unspent(chunk))
    }

    fn transaction_get_raw(&self, txid: &Txid) -> Result<Vec<u8>, Error> {
        self.inner()?.transaction_get_raw(txid)
    }

    fn batch_transaction_get_raw<'t, I>(&self, txids: I) -> Result<Vec<Vec<u8>>, Error>
    where
        I: IntoIterator + Clone,
        I::Item: Borrow<&'t Txid>,
    {
        let all: Vec<&Txid> = txids.into_iter().map(|txid| *txid.borrow()).collect();
        self.in_chunks(&all, |inner, chunk| inner.batch_transaction_get_raw(chunk))
    }

    fn batch_block_header_raw<I>(&self, heights: I) -> Result<Vec<Vec<u8>>, Error>
    where
        I: IntoIterator + Clone,
        I::Item: Borrow<u32>,
    {
        let all: Vec<u32> = heights.into_iter().map(|height| *height.borrow()).collect();
        self.in_chunks(&all, |inner, chunk| inner.batch_block_header_raw(chunk))
    }

    fn batch_estimate_fee<I>(&self, numbers: I) -> Result<Vec<f64>, Error>
    where
        I: IntoIterator + Clone,
        I::Item: Borrow<usize>,
    {
        let all: Vec<usize> = numbers.into_iter().map(|number| *number.borrow()).collect();
        self.in_chunks(&all, |inner, chunk| inner.batch_estimate_fee(chunk))
    }

    fn transaction_broadcast_raw(&self, raw: &[u8]) -> Result<Txid, Error> {
        self.inner()?.transaction_broadcast_raw(raw)
    }

    fn transaction_broadcast_package_raw<T: AsRef<[u8]>>(&self, raw: &[T]) -> Result<BroadcastPackageRes, Error> {
        self.inner()?.transaction_broadcast_package_raw(raw)
    }

    fn transaction_get_merkle(&self, txid: &Txid, height: usize) -> Result<GetMerkleRes, Error> {
        self.inner()?.transaction_get_merkle(txid, height)
    }

    fn batch_transaction_get_merkle<I>(&self, txids_and_heights: I) -> Result<Vec<GetMerkleRes>, Error>
    where
        I: IntoIterator + Clone,
        I::Item: Borrow<(Txid, usize)>,
    {
        let all: Vec<(Txid, usize)> = txids_and_heights.into_iter().map(|pair| *pair.borrow()).collect();
        self.in_chunks(&all, |inner, chunk| inner.batch_transaction_get_merkle(chunk))
    }

    fn txid_from_pos(&self, height: usize, tx_pos: usize) -> Result<Txid, Error> {
        self.inner()?.txid_from_pos(height, tx_pos)
    }

    fn txid_from_pos_with_merkle(&self, height: usize, tx_pos: usize) -> Result<TxidFromPosRes, Error> {
        self.inner()?.txid_from_pos_with_merkle(height, tx_pos)
    }

    fn server_features(&self) -> Result<ServerFeaturesRes, Error> {
        self.inner()?.server_features()
    }

    fn protocol_version(&self) -> Result<String, Error> {
        self.inner()?.protocol_version()
    }

    fn mempool_get_info(&self) -> Result<MempoolInfoRes, Error> {
        self.inner()?.mempool_get_info()
    }

    fn ping(&self) -> Result<(), Error> {
        self.inner()?.ping()
    }

    fn calls_made(&self) -> Result<usize, Error> {
        self.inner()?.calls_made()
    }
}
