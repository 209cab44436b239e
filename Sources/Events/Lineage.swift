/// Where a program comes from, as the kernel saw it when the program was executed.
package struct Lineage: Sendable, Equatable {
    /// A process above the one that acts.
    package struct Ancestor: Sendable, Equatable {
        package var process: ProcessName
        /// 0: not known.
        package var exec: ExecID
        package var cgroup: UInt64

        package init(process: ProcessName, exec: ExecID, cgroup: UInt64) {
            self.process = process
            self.exec = exec
            self.cgroup = cgroup
        }
    }

    /// The person at the start of it all, whoever they have become since.
    package struct Login: Sendable, Equatable {
        /// As whom they logged in, in the host's user namespace; nil: nobody did.
        package var uid: UInt32?
        /// Number of the audit session.
        package var session: UInt32?
        /// Name of the controlling terminal as in /dev: `pts/0`.
        package var terminal: String?

        package init(uid: UInt32? = nil, session: UInt32? = nil, terminal: String? = nil) {
            self.uid = uid
            self.session = session
            self.terminal = terminal
        }

        package static let nobody = Login()
    }

    /// From the parent's parent upwards; the first of all is last, unless there are more than the kernel tells.
    package var ancestors: [Ancestor]
    package var login: Login

    package init(ancestors: [Ancestor] = [], login: Login = .nobody) {
        self.ancestors = ancestors
        self.login = login
    }
}
