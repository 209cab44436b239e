/// What may be done about an alert, from the mildest on.
package enum StepKind: String, Sendable, CaseIterable, Codable {
    case notify, revoke, restrict, freeze, kill

    /// It lays hands on the workload itself, by way of the kernel.
    package var isForced: Bool {
        switch self {
        case .notify, .revoke: false
        case .restrict, .freeze, .kill: true
        }
    }
}

/// One step of a policy. Times are seconds after which it is undone.
package enum Step: Sendable, Equatable {
    case notify(Outlet)
    case revoke(Outlet)
    /// Only destinations of the baseline can be reached.
    case restrict(Double)
    case freeze(Double)
    case kill(KillScope)

    package enum KillScope: String, Sendable, Equatable, CaseIterable {
        /// The process that acted.
        case process
        /// All of the instance.
        case workload
    }

    package var kind: StepKind {
        switch self {
        case .notify: .notify
        case .revoke: .revoke
        case .restrict: .restrict
        case .freeze: .freeze
        case .kill: .kill
        }
    }
}

/// Who is told, or asked to act, outside of the monitor.
package enum Outlet: Sendable, Equatable {
    case webhook(Webhook)
    case command(OutsideCommand)

    /// As a line names it: without what a query may hold, and who asks.
    package var name: String {
        switch self {
        case .webhook(let webhook):
            var url = String(webhook.url.text.prefix { $0 != "?" && $0 != "#" })
            if let start = url.firstRange(of: "://")?.upperBound,
                let end = url[start...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
            {
                url.removeSubrange(start...end)
            }
            return url
        case .command(let command): return command.words[0].text
        }
    }
}
