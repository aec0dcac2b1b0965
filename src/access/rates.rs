//! How often somebody may ask. In: a key, or the address of a failed login. Out: what is left, or how long to wait.
//!
//! A rate is a steady number a second with a burst of twice as many. What is held is bounded: keys by how many there
//! are, addresses by a number; beyond it strangers share one allowance, so that a crowd costs no memory.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::HashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};

use crate::limits::{
    ACCESS_ADDRESSES_MAX, ACCESS_BATCHES_PER_SECOND, ACCESS_FAILURES_PER_MINUTE, ACCESS_READS_PER_SECOND,
};

/// What a request counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A question.
    Read,
    /// A batch of rows, orders or tensors.
    Batch,
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSettings {
    /// Questions a second a key.
    pub reads_per_second: NonZeroU32,
    /// Batches a second a key.
    pub batches_per_second: NonZeroU32,
    /// Failed logins a minute an address.
    pub failures_per_minute: NonZeroU32,
}

impl Default for RateSettings {
    fn default() -> Self {
        Self {
            reads_per_second: ACCESS_READS_PER_SECOND,
            batches_per_second: ACCESS_BATCHES_PER_SECOND,
            failures_per_minute: ACCESS_FAILURES_PER_MINUTE,
        }
    }
}

/// What is left of a key's allowance after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Of which allowance.
    pub cost: Cost,
    /// Requests that would pass at once.
    pub remaining: u32,
    /// The burst: requests that pass at once after a pause.
    pub burst: u32,
    /// Seconds in which the burst is there again.
    pub window_seconds: u64,
    /// How long to wait; zero when this request passed.
    pub wait: Duration,
}

type Keyed<K> = RateLimiter<K, HashMapStateStore<K, RandomState>, DefaultClock, StateInformationMiddleware>;

/// All allowances.
pub struct Rates {
    reads: Keyed<String>,
    batches: Keyed<String>,
    failures: Keyed<Option<IpAddr>>,
    clock: DefaultClock,
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (keys, addresses) = (self.reads.len() + self.batches.len(), self.failures.len());
        f.debug_struct("Rates").field("keys", &keys).field("addresses", &addresses).finish_non_exhaustive()
    }
}

impl Rates {
    /// Full allowances.
    #[must_use]
    pub fn new(settings: RateSettings) -> Self {
        let quota = |rate: NonZeroU32| Quota::per_second(rate).allow_burst(rate.saturating_mul(TWICE));
        let failures = Quota::per_minute(settings.failures_per_minute);
        Self {
            reads: RateLimiter::hashmap(quota(settings.reads_per_second)).with_middleware(),
            batches: RateLimiter::hashmap(quota(settings.batches_per_second)).with_middleware(),
            failures: RateLimiter::hashmap(failures).with_middleware(),
            clock: DefaultClock::default(),
        }
    }

    /// Takes one from a key's allowance.
    ///
    /// # Errors
    /// What is left, with how long to wait, when there is nothing to take.
    pub fn spend(&self, key: &str, cost: Cost) -> Result<Left, Left> {
        let allowance = match cost {
            Cost::Read => &self.reads,
            Cost::Batch => &self.batches,
        };
        allowance
            .check_key(&key.to_owned())
            .map(|left| told(cost, &left))
            .map_err(|refused| self.wait(cost, &refused))
    }

    /// Counts a failed login of an address.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn failed(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        let address = address.map(neighbourhood);
        let crowded = self.failures.len() >= ACCESS_ADDRESSES_MAX;
        if crowded {
            self.failures.retain_recent();
        }
        // Those who find no place of their own share one.
        let crowded = crowded && self.failures.len() >= ACCESS_ADDRESSES_MAX;
        let place = if crowded { None } else { address };
        let checked = self.failures.check_key(&place);
        checked.map(|_| ()).map_err(|refused| refused.wait_time_from(self.clock.now()))
    }

    /// Forgets who has a full allowance again.
    pub fn sweep(&self) {
        self.reads.retain_recent();
        self.batches.retain_recent();
        self.failures.retain_recent();
    }

    fn wait(&self, cost: Cost, refused: &NotUntil<<DefaultClock as Clock>::Instant>) -> Left {
        let (burst, window_seconds) = shape(&refused.quota());
        Left { cost, remaining: 0, burst, window_seconds, wait: refused.wait_time_from(self.clock.now()) }
    }
}

const TWICE: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

fn told(cost: Cost, left: &StateSnapshot) -> Left {
    let (burst, window_seconds) = shape(&left.quota());
    Left { cost, remaining: left.remaining_burst_capacity(), burst, window_seconds, wait: Duration::ZERO }
}

/// The burst, and the whole seconds in which it is there again.
fn shape(quota: &Quota) -> (u32, u64) {
    let window = quota.burst_size_replenished_in();
    (quota.burst_size().get(), window.as_secs_f64().ceil().max(1.0) as u64)
}

/// Who counts as one address: an IPv4 address, or an IPv6 network of 64 bits, which one customer has to himself.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let network = u128::from(six) & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow() -> Rates {
        // One a second with a burst of two: a test cannot be so slow that a third one passes by chance often.
        let one = NonZeroU32::MIN;
        let settings =
            RateSettings { reads_per_second: one, batches_per_second: one, ..RateSettings::default() };
        Rates::new(settings)
    }

    #[test]
    fn a_key_has_a_burst_of_twice_its_rate_and_batches_count_apart() {
        let rates = Rates::new(RateSettings::default());
        let first = rates.spend("a", Cost::Batch).expect("passes");
        assert_eq!((first.burst, first.remaining, first.window_seconds), (20, 19, 2));
        let passed = (0..1_000).filter(|_| rates.spend("a", Cost::Batch).is_ok()).count();
        assert!((19..=30).contains(&passed), "{passed}");
        let refused = (0..1_000).find_map(|_| rates.spend("a", Cost::Batch).err()).expect("refused");
        assert!(refused.wait > Duration::ZERO && refused.wait <= Duration::from_millis(100));
        assert_eq!(rates.spend("a", Cost::Read).expect("passes").burst, 100);
        assert!(rates.spend("b", Cost::Batch).is_ok());
    }

    #[test]
    fn five_failed_logins_a_minute_and_one_network_is_one_address() {
        let rates = slow();
        let at = |text: &str| Some(text.parse::<IpAddr>().expect("an address"));
        for host in 1..=5 {
            assert_eq!(rates.failed(at(&format!("2001:db8::{host}"))), Ok(()));
        }
        let wait = rates.failed(at("2001:db8::6")).expect_err("too many");
        assert!(wait > Duration::from_secs(5) && wait <= Duration::from_secs(12), "{wait:?}");
        assert_eq!(rates.failed(at("2001:db8:0:1::1")), Ok(()));
        assert_eq!(rates.failed(at("192.0.2.1")), rates.failed(at("::ffff:192.0.2.1")));
    }

    #[test]
    fn a_crowd_of_addresses_is_bounded() {
        let rates = slow();
        let crowd = (0..2 * ACCESS_ADDRESSES_MAX as u32).map(|n| IpAddr::V4(n.into()));
        let passed = crowd.filter(|address| rates.failed(Some(*address)).is_ok()).count();
        assert!(rates.failures.len() <= ACCESS_ADDRESSES_MAX + 1);
        let shared = passed - ACCESS_ADDRESSES_MAX;
        assert!(shared < 100, "{shared} strangers passed on one allowance");
        rates.sweep();
    }
}
