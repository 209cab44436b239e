import Baselines
import Events
import Workloads

/// An act with everything that is known of it: what is judged, and what a line is made of.
package struct Observation: Sendable, Equatable {
    package var event: Event
    package var behaviour: Behaviour
    package var workload: Workload
    package var origin: Origin
    /// Of the act, nanoseconds since the epoch.
    package var time: Int64
    package var words: CommandLines
    /// Nil where nobody asked for it.
    package var family: Family?
    /// It was so when the monitor started: nobody saw it being done.
    package var isSnapshot = false
    /// What a recording calls the process and its parent; nil where the act is watched.
    package var entities: Entities?

    package struct Entities: Sendable, Equatable {
        package var process: String
        package var parent: String

        package init(process: String, parent: String) {
            self.process = process
            self.parent = parent
        }
    }

    package init(
        event: Event, behaviour: Behaviour, workload: Workload, origin: Origin, time: Int64,
        words: CommandLines = CommandLines()
    ) {
        self.event = event
        self.behaviour = behaviour
        self.workload = workload
        self.origin = origin
        self.time = time
        self.words = words
    }

    /// With the behaviour that the event is an instance of.
    package init(
        event: Event, domain: String? = nil, workload: Workload, origin: Origin, time: Int64,
        words: CommandLines = CommandLines()
    ) {
        self.init(
            event: event, behaviour: Behaviour(event, domain: domain), workload: workload, origin: origin, time: time,
            words: words)
    }

    /// Of the acting process, the true count with them; an exec brings its own.
    package var arguments: (words: [String], count: Int) {
        if case .exec(let exec) = event.act { return (exec.arguments, exec.argumentCount) }
        return (words.arguments, words.argumentCount)
    }

    /// What the process was started as: tells the applets of a busybox apart.
    package var program: Program { Program(executable: event.actor.executable.text, arguments: arguments.words) }
}

/// With which words the acting process and its parent were started, as far as the caller knows them.
package struct CommandLines: Sendable, Equatable {
    /// Not asked for where the act is an exec.
    package var arguments: [String]
    package var argumentCount: Int
    package var parentArguments: [String]

    package init(arguments: [String] = [], argumentCount: Int? = nil, parentArguments: [String] = []) {
        self.arguments = arguments
        self.argumentCount = argumentCount ?? arguments.count
        self.parentArguments = parentArguments
    }
}
