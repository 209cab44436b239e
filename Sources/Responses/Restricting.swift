import Events

/// Who can keep a workload from going where it likes: the kernel half. Called on the actuator's thread alone.
package protocol Restricting: Sendable {
    /// Only where the baseline lets it go, until then, in nanoseconds since boot, by the kernel's own clock. Gives back
    /// what of the baseline leads nowhere.
    func restrict(_ target: Target, to reach: Reach, until: UInt64) throws(ActionError) -> [String]
    /// A name has led to one more address.
    func allow(_ target: Target, _ name: String, at address: IPAddress, in reach: Reach) throws(ActionError)
    /// Gives back how many connects were refused.
    func lift(_ target: Target) throws(ActionError) -> UInt64
}
