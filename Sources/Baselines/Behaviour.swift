import Events

/// What a workload did, without when, by which process or how often: the unit that baselines hold and judge.
package enum Behaviour: Hashable, Sendable {
    case exec(ExecBehaviour)
    case connect(ConnectBehaviour)
    case listen(ListenBehaviour)
    case open(OpenBehaviour)

    package var kind: Kind {
        switch self {
        case .exec: .exec
        case .connect: .connect
        case .listen: .listen
        case .open: .open
        }
    }

    package var executable: String {
        switch self {
        case .exec(let exec): exec.executable
        case .connect(let connect): connect.executable
        case .listen(let listen): listen.executable
        case .open(let open): open.executable
        }
    }
}

/// A program run by a parent, with all its words.
package struct ExecBehaviour: Hashable, Sendable {
    package var executable: String
    package var parent: String
    package var arguments: [String]

    package init(executable: String, parent: String, arguments: [String]) {
        self.executable = executable
        self.parent = parent
        self.arguments = arguments
    }
}

package struct ConnectBehaviour: Hashable, Sendable {
    /// Where to. A domain comes with the address it was resolved to.
    package enum Peer: Hashable, Sendable {
        case ip(SocketAddress, domain: String?)
        /// A path, or `@name` of an abstract socket.
        case unix(String)
        /// Not to be seen: a socket of the transport was made.
        case unseen
    }
    package var executable: String
    package var peer: Peer
    package var transport: Transport

    package init(executable: String, peer: Peer, transport: Transport) {
        self.executable = executable
        self.peer = peer
        self.transport = transport
    }
}

package struct ListenBehaviour: Hashable, Sendable {
    package var executable: String
    package var port: UInt16
    package var transport: Transport

    package init(executable: String, port: UInt16, transport: Transport) {
        self.executable = executable
        self.port = port
        self.transport = transport
    }
}

package struct OpenBehaviour: Hashable, Sendable {
    package var executable: String
    package var path: String
    package var access: Access

    package init(executable: String, path: String, access: Access) {
        self.executable = executable
        self.path = path
        self.access = access
    }
}

extension Behaviour {
    /// The behaviour that an event is an instance of.
    package init(_ event: Event, domain: String? = nil) {
        let executable = event.actor.executable.text
        switch event.act {
        case .exec(let exec):
            self = .exec(
                ExecBehaviour(
                    executable: executable, parent: event.actor.parentExecutable.text, arguments: exec.arguments))
        case .connect(let connect):
            let peer: ConnectBehaviour.Peer =
                switch connect.peer {
                case .ip(let address): .ip(address, domain: domain)
                case .unix(let path): .unix(path)
                case .abstract(let name): .unix("@" + name)
                case .unseen: .unseen
                }
            self = .connect(ConnectBehaviour(executable: executable, peer: peer, transport: connect.transport))
        case .listen(let listen):
            self = .listen(
                ListenBehaviour(executable: executable, port: listen.address.port, transport: listen.transport))
        case .open(let open):
            self = .open(OpenBehaviour(executable: executable, path: open.path.text, access: open.access))
        }
    }
}
