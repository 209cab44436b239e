/// Numbers for alerts and incidents: unique also over restarts, and never 0.
package struct AlertIDs: Sendable {
    private var state: UInt64

    /// A fresh seed at each start makes a clash as unlikely as two equal 64-bit random numbers.
    package init(seed: UInt64) { state = seed }

    /// The next number of splitmix64 (Steele, Lea, Flood 2014): a permutation, so none comes twice in 2^64.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        value ^= value >> 31
        return value == 0 ? next() : value
    }
}
