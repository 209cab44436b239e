import Baselines
import Drift
import Events
import Workloads

/// A moment by both clocks: what is awaited goes by the time since boot, which nobody sets; what is shown by the other.
package struct Moment: Sendable, Equatable {
    /// Nanoseconds since boot, suspend included.
    package var boot: UInt64
    /// Nanoseconds since the epoch.
    package var wall: Int64

    package init(boot: UInt64, wall: Int64) {
        self.boot = boot
        self.wall = wall
    }

    func later(by seconds: Double) -> Moment {
        let nanoseconds = UInt64(seconds * 1e9)
        return Moment(boot: boot &+ nanoseconds, wall: wall &+ Int64(nanoseconds))
    }
}

/// The instance that a response is about.
package struct Target: Sendable, Equatable, Codable {
    package var workload: Workload
    /// Its topmost cgroup; 0: nobody knows it.
    package var home: UInt64
    /// The path of that, from the hierarchy's root.
    package var path: String
    /// Who acted.
    package var pid: UInt32 = 0
    /// When that process was started, nanoseconds since boot.
    package var start: UInt64 = 0
    /// The process is in the instance, and not a runtime that acts for it from outside.
    package var isInside = true

    package init(workload: Workload, home: UInt64, path: String) {
        self.workload = workload
        self.home = home
        self.path = path
    }
}

/// What of a baseline tells where a workload may go.
package struct Reach: Sendable {
    package var spec: BaselineSpec
    /// Addresses of names, as the workload resolved them.
    package var names: [(name: String, address: IPAddress)]

    package init(spec: BaselineSpec, names: [(name: String, address: IPAddress)]) {
        self.spec = spec
        self.names = names
    }
}

/// An alert that a policy applies to.
package struct Order: Sendable {
    /// The policy's index.
    package var policy: Int
    package var alert: UInt64
    package var rule: Rule
    package var severity: Int
    package var target: Target
    /// The alert's line of JSON, without its newline.
    package var line: [UInt8]
    /// The file that it is about, if any.
    package var file: String?
    package var executable: String
    /// Nil: there is no baseline that could say.
    package var reach: Reach?

    package init(
        policy: Int, alert: UInt64, rule: Rule, severity: Int, target: Target, line: [UInt8], file: String? = nil,
        executable: String = "", reach: Reach? = nil
    ) {
        self.policy = policy
        self.alert = alert
        self.rule = rule
        self.severity = severity
        self.target = target
        self.line = line
        self.file = file
        self.executable = executable
        self.reach = reach
    }
}

/// By which lines, commands and people know a response.
package struct Ticket: Sendable, Equatable, Codable {
    package var id: UInt64
    package var policy: String
    package var mode: ResponsePolicy.Mode
    package var alert: UInt64
    /// The alert's.
    package var rule: String
    package var target: Target
}

/// Something that is sent outside.
struct Errand: Sendable {
    var ticket: Ticket
    var kind: StepKind
    var outlet: Outlet
    var line: [UInt8]
    var values: [Template.Field: String]

    init(_ ticket: Ticket, _ kind: StepKind, _ outlet: Outlet, _ order: Order) {
        self.ticket = ticket
        self.kind = kind
        self.outlet = outlet
        line = order.line
        let workload = order.target.workload
        values = [
            .alert: hex(order.alert), .executable: order.executable, .image: workload.container?.image?.reference ?? "",
            .instance: workload.instance, .path: order.file ?? "", .pid: "\(order.target.pid)", .policy: ticket.policy,
            .response: hex(ticket.id), .rule: ticket.rule, .severity: "\(order.severity)", .workload: workload.id,
        ]
    }
}
