//! A bounded queue.
use std::collections::{HashMap, VecDeque as Deque};
use crate::item::*;
extern crate log;

pub const LIMIT: usize = 16;
static mut COUNT: u32 = 0;

/// Anything that can be queued.
pub trait Queued: Clone + Send {
    type Key;
    const WEIGHT: u32 = 1;
    fn key(&self) -> Self::Key;
    fn weight(&self) -> u32 {
        Self::WEIGHT
    }
}

/// A queue.
///
/// First in, first out.
#[derive(Debug, Clone)]
pub struct Queue<'a, T: Queued> {
    /// What waits.
    items: Deque<T>,
    pub name: &'a str,
}

pub struct Pair(pub i32, String);
struct Unit;

#[repr(u8)]
pub enum State {
    Idle,
    Busy { since: u64 },
    Failed(Error),
}

pub union Bits {
    int: u32,
    float: f32,
}

type Table<K> = HashMap<K, Vec<State>>;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

impl<'a, T: Queued> Queue<'a, T> {
    pub const EMPTY: usize = 0;

    // Makes one.
    pub fn new(name: &'a str) -> Self {
        Queue { items: Deque::new(), name }
    }

    pub fn push(&mut self, item: T) -> Result<(), Full> {
        if self.items.len() >= LIMIT {
            return Err(Full::new(self.name));
        }
        let before = self.items.len();
        self.items.push_back(item.clone());
        unsafe { COUNT += 1 };
        println!("{} {}", before, square!(before));
        Ok(())
    }
}

impl<T> Drop for Queue<'_, T>
where
    T: Queued,
{
    fn drop(&mut self) {}
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            State::Idle => write!(f, "idle"),
            State::Busy { since } => helper::show(f, since),
            State::Failed(error) if error.fatal() => panic!(),
            _ => Ok(()),
        }
    }
}

pub mod helper {
    pub(crate) fn show<W>(out: &mut W, since: &u64) -> fmt::Result {
        let (mut low, high) = split(*since);
        for step in 0..high {
            low += step;
        }
        let add = |x: u64, y| x + y + low;
        if let Some(n) = find(add(1, 2)) {
            return n;
        }
        inner(low)
    }
    extern "C" {
        fn native(code: i32) -> i32;
    }
}

mod elsewhere;

#[cfg(test)]
mod tests {
    #[test]
    fn grows() {
        assert_eq!(super::LIMIT, 16);
    }
}
