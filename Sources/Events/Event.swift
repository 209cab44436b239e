/// One act of a process, as the kernel saw it, before anyone has said whose it is.
package struct Event: Sendable, Equatable {
    /// Nanoseconds since boot, suspend included.
    package var time: UInt64
    /// Names the behaviour for as long as the monitor runs; the filter in the kernel counts by it.
    package var key: BehaviourKey
    package var actor: Actor
    package var act: Act
    /// ECS names of the fields of which only a part arrived.
    package var truncated: [String]
    /// ECS names of the fields whose bytes were not UTF-8; they hold a Latin-1 reading of those bytes.
    package var lossyFields: [String]

    package init(
        time: UInt64, key: BehaviourKey, actor: Actor, act: Act, truncated: [String] = [], lossyFields: [String] = []
    ) {
        self.time = time
        self.key = key
        self.actor = actor
        self.act = act
        self.truncated = truncated
        self.lossyFields = lossyFields
    }

    package var kind: Kind { act.kind }

    /// About how many bytes it keeps from others.
    package var footprint: Int {
        let paths = [actor.executable, actor.parentExecutable, actor.workingDirectory].map(\.text)
        return MemoryLayout<Event>.stride + (paths + act.texts).reduce(0) { $0 + 32 + $1.utf8.count }
    }
}

/// The kinds of behaviour, in the order in which the ledger counts them.
package enum Kind: String, Sendable, CaseIterable, Codable {
    case exec, connect, listen, open

    /// The number of the kind on the wire, from 1.
    package var wireNumber: UInt16 {
        switch self {
        case .exec: 1
        case .connect: 2
        case .listen: 3
        case .open: 4
        }
    }

    package init?(wireNumber: UInt16) {
        switch wireNumber {
        case 1: self = .exec
        case 2: self = .connect
        case 3: self = .listen
        case 4: self = .open
        default: return nil
        }
    }
}

/// 128 bits made in the kernel with a secret that is new at each start.
package struct BehaviourKey: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// A process as itself, whatever its pid is reused for.
package struct ProcessName: Hashable, Sendable {
    /// Of the thread group, in the host's pid namespace; 0: there is none.
    package var pid: UInt32
    /// Nanoseconds since boot.
    package var start: UInt64

    package init(pid: UInt32, start: UInt64) {
        self.pid = pid
        self.start = start
    }

    package static let none = ProcessName(pid: 0, start: 0)

    /// As /proc tells a start: in whole clock ticks, of 10 ms (USER_HZ).
    package var inTicks: ProcessName { ProcessName(pid: pid, start: start - start % 10_000_000) }
}

/// Identifies what a process last executed: executable, parent, arguments. Equal for repeats of the same exec.
package typealias ExecID = UInt64

/// Who acted.
package struct Actor: Sendable, Equatable {
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// The executable's mount belongs to another mount namespace than the process.
        package static let foreignExecutable = Flags(rawValue: 1 << 0)
        /// The last exec happened in another cgroup than `cgroup`.
        package static let moved = Flags(rawValue: 1 << 1)
        package static let ioWorker = Flags(rawValue: 1 << 2)
        package static let sameAsParent = Flags(rawValue: 1 << 3)
    }

    package var process: ProcessName
    package var parent: ProcessName
    package var cgroup: UInt64
    package var parentCgroup: UInt64
    /// Cgroup of the process's last exec; 0: not known.
    package var execCgroup: UInt64
    /// 0: not known.
    package var exec: ExecID
    package var parentExec: ExecID
    /// Number of the incident that an ancestor or the process belongs to; 0: none.
    package var incident: UInt64
    /// Effective, in the host's user namespace.
    package var uid: UInt32
    package var gid: UInt32
    package var mountNamespace: UInt32
    package var pidNamespace: UInt32
    package var parentMountNamespace: UInt32
    package var parentPidNamespace: UInt32
    package var flags: Flags
    package var executable: ResolvedPath
    package var parentExecutable: ResolvedPath
    package var workingDirectory: ResolvedPath

    package init(
        process: ProcessName, parent: ProcessName = .none, cgroup: UInt64, parentCgroup: UInt64 = 0,
        execCgroup: UInt64 = 0, exec: ExecID = 0, parentExec: ExecID = 0, incident: UInt64 = 0, uid: UInt32 = 0,
        gid: UInt32 = 0, mountNamespace: UInt32 = 0, pidNamespace: UInt32 = 0, parentMountNamespace: UInt32 = 0,
        parentPidNamespace: UInt32 = 0, flags: Flags = [], executable: ResolvedPath,
        parentExecutable: ResolvedPath = ResolvedPath(""), workingDirectory: ResolvedPath = ResolvedPath("/")
    ) {
        self.process = process
        self.parent = parent
        self.cgroup = cgroup
        self.parentCgroup = parentCgroup
        self.execCgroup = execCgroup
        self.exec = exec
        self.parentExec = parentExec
        self.incident = incident
        self.uid = uid
        self.gid = gid
        self.mountNamespace = mountNamespace
        self.pidNamespace = pidNamespace
        self.parentMountNamespace = parentMountNamespace
        self.parentPidNamespace = parentPidNamespace
        self.flags = flags
        self.executable = executable
        self.parentExecutable = parentExecutable
        self.workingDirectory = workingDirectory
    }
}

/// What was done.
package enum Act: Sendable, Equatable {
    case exec(Exec)
    case connect(Connect)
    case listen(Listen)
    case open(Open)

    package var kind: Kind {
        switch self {
        case .exec: .exec
        case .connect: .connect
        case .listen: .listen
        case .open: .open
        }
    }

    fileprivate var texts: [String] {
        switch self {
        case .exec(let exec): exec.arguments + [exec.filename, exec.interpreter ?? ""]
        case .connect(let connect):
            switch connect.peer {
            case .unix(let name), .abstract(let name): [name]
            case .ip, .unseen: []
            }
        case .listen: []
        case .open(let open): [open.path.text]
        }
    }
}

/// A program was started; `Actor` is already the new program.
package struct Exec: Sendable, Equatable {
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let upperLayer = Flags(rawValue: 1 << 0)
        /// The file never had a name: memfd, O_TMPFILE.
        package static let fileless = Flags(rawValue: 1 << 1)
        /// The file had a name and lost it.
        package static let deleted = Flags(rawValue: 1 << 2)
        package static let stdinSocket = Flags(rawValue: 1 << 3)
        package static let stdoutSocket = Flags(rawValue: 1 << 4)
        package static let script = Flags(rawValue: 1 << 5)
    }

    /// What was asked for, as it was written.
    package var filename: String
    /// Of a script only.
    package var interpreter: String?
    package var arguments: [String]
    /// The true number of arguments.
    package var argumentCount: Int
    package var flags: Flags
    package var inode: UInt64
    package var device: Device
    /// When the executable's inode last changed, nanoseconds since the epoch.
    package var changed: Int64
    /// Peer of the network socket on standard input or output.
    package var peer: SocketAddress?
    package var lineage: Lineage

    package init(
        filename: String, interpreter: String? = nil, arguments: [String], argumentCount: Int? = nil,
        flags: Flags = [], inode: UInt64 = 0, device: Device = Device(0), changed: Int64 = 0,
        peer: SocketAddress? = nil, lineage: Lineage = Lineage()
    ) {
        self.filename = filename
        self.interpreter = interpreter
        self.arguments = arguments
        self.argumentCount = argumentCount ?? arguments.count
        self.flags = flags
        self.inode = inode
        self.device = device
        self.changed = changed
        self.peer = peer
        self.lineage = lineage
    }
}

/// A connection was asked for, a datagram sent to a peer of its own choice, or a socket made whose peers no hook sees.
package struct Connect: Sendable, Equatable {
    package enum Peer: Sendable, Equatable {
        case ip(SocketAddress)
        /// A bound socket file.
        case unix(path: String)
        case abstract(name: String)
        /// Of a socket that can reach others without a hook's seeing whom: making it is the act.
        case unseen
    }
    package var peer: Peer
    package var transport: Transport

    package init(peer: Peer, transport: Transport) {
        self.peer = peer
        self.transport = transport
    }
}

/// A port was opened for others to reach.
package struct Listen: Sendable, Equatable {
    package var address: SocketAddress
    package var transport: Transport

    package init(address: SocketAddress, transport: Transport) {
        self.address = address
        self.transport = transport
    }
}

/// A file was opened, received open, or truncated by its path.
package struct Open: Sendable, Equatable {
    package var path: ResolvedPath
    package var access: Access
    package var inode: UInt64
    package var device: Device
    /// st_mode.
    package var mode: UInt32
    /// Mount namespace of the mount it was reached by; 0: none.
    package var mountNamespace: UInt32
    /// Another process opened it and handed the descriptor over.
    package var isReceived: Bool

    package init(
        path: ResolvedPath, access: Access, inode: UInt64 = 0, device: Device = Device(0), mode: UInt32 = 0,
        mountNamespace: UInt32 = 0, isReceived: Bool = false
    ) {
        self.path = path
        self.access = access
        self.inode = inode
        self.device = device
        self.mode = mode
        self.mountNamespace = mountNamespace
        self.isReceived = isReceived
    }
}
