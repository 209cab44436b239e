import Glibc
import Synchronization

/// Where workloads may go.
///
/// A restriction is the kernel's: it holds for the cgroup and all below it, also what is made there later, from the
/// return of `restrict` until its time is over, it is lifted, or the probe is gone, however that ended. All of these may
/// be called from any thread.
extension Probe {
    /// Peers that a restricted workload may still reach.
    package struct Destination: Hashable, Sendable {
        /// Network byte order; IPv4 as ::ffff:a.b.c.d; zeros of sockets that have no peer, such as raw ones.
        package var address: SIMD16<UInt8>
        /// Leading bits of the 128 that count.
        package var prefix: Int
        /// Nil: any.
        package var ports: ClosedRange<UInt16>?
        /// IPPROTO_*, of all raw sockets IPPROTO_RAW; 0: any. MPTCP is TCP.
        package var transport: UInt8

        package init(address: SIMD16<UInt8>, prefix: Int = 128, ports: ClosedRange<UInt16>? = nil, transport: UInt8 = 0)
        {
            self.address = address
            self.prefix = prefix
            self.ports = ports
            self.transport = transport
        }
    }

    /// Destinations of all restricted workloads, where each span of ports takes as many as it has binary prefixes.
    package static let mostDestinations = 16_384

    /// Lets the processes below a cgroup connect and send to these destinations and no others (EPERM) until then, in
    /// nanoseconds since boot. What is connected stays so. Of a restricted one, time and destinations are replaced.
    /// Where it throws, nothing has changed.
    package func restrict(
        _ cgroup: UInt64, to destinations: some Sequence<Destination>, until: UInt64
    ) throws(ProbeError) {
        guard cgroup > Self.rootCgroup else {
            throw ProbeError("restrict the root cgroup", errno: EINVAL, advice: "it holds the whole node")
        }
        let wanted = Set(destinations.lazy.flatMap { $0.keys(of: cgroup) })
        try restricted.withLock { restricted throws(ProbeError) in
            let present = restricted[cgroup] ?? []
            try add(wanted.subtracting(present), to: cgroup)
            var restriction = KernelRestriction(until: until, portBits: wanted.portBits)
            do throws(ProbeError) {
                restriction.refused = try restrictions.value(of: cgroup)?.refused ?? 0
                try restrictions.set(cgroup, to: restriction)
            } catch {
                remove(wanted.subtracting(present))
                throw error
            }
            remove(present.subtracting(wanted))
            restricted[cgroup] = wanted
            try tell(restricted.count)
        }
    }

    /// Lets a restricted cgroup reach these, too: a name has got a new address. False: it is not restricted.
    @discardableResult
    package func allow(_ destinations: some Sequence<Destination>, for cgroup: UInt64) throws(ProbeError) -> Bool {
        let wanted = Set(destinations.lazy.flatMap { $0.keys(of: cgroup) })
        return try restricted.withLock { restricted throws(ProbeError) in
            guard let present = restricted[cgroup], var restriction = try restrictions.value(of: cgroup) else {
                return false
            }
            try add(wanted.subtracting(present), to: cgroup)
            restricted[cgroup] = present.union(wanted)
            if restriction.portBits | wanted.portBits != restriction.portBits {
                restriction.portBits |= wanted.portBits
                try restrictions.set(cgroup, to: restriction)
            }
            return true
        }
    }

    /// Lets a cgroup go where it likes again; how often it was refused, nil where it was not restricted.
    @discardableResult
    package func lift(_ cgroup: UInt64) throws(ProbeError) -> UInt64? {
        try restricted.withLock { restricted throws(ProbeError) in
            guard let present = restricted[cgroup] else { return nil }
            let refused = try restrictions.value(of: cgroup)?.refused
            try restrictions.remove(cgroup)
            restricted[cgroup] = nil
            remove(present)
            try tell(restricted.count)
            return refused ?? 0
        }
    }

    /// How often a restricted cgroup was refused a destination; nil: it is not restricted.
    package func refusals(of cgroup: UInt64) throws(ProbeError) -> UInt64? {
        try restrictions.value(of: cgroup)?.refused
    }

    /// The kernel looks for restrictions only where there are some.
    private func tell(_ count: Int) throws(ProbeError) { try change { $0.restrictions = UInt64(count) } }

    private func add(_ keys: Set<KernelDestination>, to cgroup: UInt64) throws(ProbeError) {
        var added: Set<KernelDestination> = []
        for key in keys {
            do throws(ProbeError) { try destinations.set(key, to: 1) } catch {
                remove(added)
                var error = error
                error.operation = "let cgroup \(cgroup) reach \(keys.count) more destinations"
                if error.errno == ENOSPC {
                    error.advice =
                        "\(Self.mostDestinations) may be in force for all workloads; name wider blocks in the baseline"
                }
                throw error
            }
            added.insert(key)
        }
    }

    /// One that cannot be removed lets nobody go anywhere without a restriction beside it.
    private func remove(_ keys: Set<KernelDestination>) {
        for key in keys { _ = try? destinations.remove(key) }
    }

    /// The first directory of a hierarchy has the first number (kernfs_create_root()).
    private static let rootCgroup: UInt64 = 1
}

extension Probe.Destination {
    /// The kernel looks an address up by its leading bits, and a port by each number of leading bits in use.
    func keys(of cgroup: UInt64) -> [KernelDestination] {
        let halves = unsafeBitCast(address, to: (UInt64, UInt64).self)
        return Self.prefixes(of: ports ?? 0...UInt16.max).map { port in
            KernelDestination(
                bits: KernelDestination.fixedBits + UInt32(prefix), transport: transport, portBits: UInt8(port.bits),
                port: port.first, cgroup: cgroup, addressHead: halves.0, addressTail: halves.1)
        }
    }

    /// The fewest blocks of ports, each of all that begin with the same bits, that are the span.
    static func prefixes(of ports: ClosedRange<UInt16>) -> [(first: UInt16, bits: Int)] {
        var found: [(UInt16, Int)] = []
        var next = Int(ports.lowerBound)
        while next <= Int(ports.upperBound) {
            var free = min(next.trailingZeroBitCount, 16)
            while next + 1 << free > Int(ports.upperBound) + 1 { free -= 1 }
            found.append((UInt16(next), 16 - free))
            next += 1 << free
        }
        return found
    }
}

extension Set<KernelDestination> {
    /// Bit n: some have ports of n leading bits.
    fileprivate var portBits: UInt32 { reduce(0) { $0 | 1 << UInt32($1.portBits) } }
}

/// struct restriction
struct KernelRestriction: BitwiseCopyable {
    var until: UInt64
    var refused: UInt64 = 0
    var portBits: UInt32
    var padding: UInt32 = 0
}

/// struct destination
struct KernelDestination: BitwiseCopyable, Hashable {
    /// Of all that stands before the address.
    static let fixedBits: UInt32 = 96

    var bits: UInt32
    var transport: UInt8
    var portBits: UInt8
    var port: UInt16
    var cgroup: UInt64
    var addressHead: UInt64
    var addressTail: UInt64
}
