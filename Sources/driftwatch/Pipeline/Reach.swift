import Baselines
import Glibc
import Probes
import Responses

extension Probe.Destination {
    /// As the kernel knows it; nil where no connect of that transport shows where it goes.
    init?(_ destination: Destination) {
        let transport: UInt8
        switch destination.transport {
        case nil: transport = 0
        case .tcp: transport = UInt8(IPPROTO_TCP)
        case .udp: transport = UInt8(IPPROTO_UDP)
        case .udplite: transport = UInt8(IPPROTO_UDPLITE)
        default: return nil
        }
        self.init(
            address: destination.block.base.bytes, prefix: destination.block.bits, ports: destination.ports,
            transport: transport)
    }
}
