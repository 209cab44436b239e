import CLibbpf
import Foundation
import Glibc

/// The compiled kernel half, opened, configured, and then loaded once.
final class Object {
    private let handle: OpaquePointer

    private let misplaced: Set<String>

    /// Opens the object that was built into this executable.
    init(misplacing misplaced: Set<String> = []) throws(ProbeError) {
        self.misplaced = misplaced
        Log.install()
        Log.clear()
        let text = probeObject.withUTF8Buffer { Data($0) }
        guard let bytes = Data(base64Encoded: text) else {
            throw ProbeError("decode the built-in probe", errno: EBADMSG, advice: "build it again")
        }
        var options = bpf_object_open_opts()
        options.sz = MemoryLayout<bpf_object_open_opts>.size
        let opened = "driftwatch".withCString { name in
            options.object_name = name
            return bytes.withUnsafeBytes { bpf_object__open_mem($0.baseAddress, $0.count, &options) }
        }
        guard let opened else {
            throw ProbeError("open the built-in probe", errno: Glibc.errno, log: Log.lines())
        }
        handle = opened
    }

    deinit { bpf_object__close(handle) }

    /// Leaves only the named programs to be loaded.
    func load(only names: Set<String>) throws(ProbeError) {
        var program = bpf_object__next_program(handle, nil)
        while let current = program {
            let name = String(cString: bpf_program__name(current))
            bpf_program__set_autoload(current, names.contains(name))
            if misplaced.contains(name) { bpf_program__set_expected_attach_type(current, bpf_attach_type(UInt32.max)) }
            program = bpf_object__next_program(handle, current)
        }
        let result = bpf_object__load(handle)
        guard result == 0 else {
            throw .libbpf("load the probe", result, advice: -result == EPERM ? Kernel.neededRights : nil)
        }
    }

    /// Before loading: the initial bytes of a map of constants or variables.
    func initialise<Value: BitwiseCopyable>(_ map: String, to value: Value) throws(ProbeError) {
        var size = 0
        guard let bytes = bpf_map__initial_value(try find(map), &size), size == MemoryLayout<Value>.size else {
            throw ProbeError("find \(map) in the probe", errno: EBADMSG, advice: "build it again")
        }
        UnsafeMutableRawPointer(mutating: bytes).storeBytes(of: value, as: Value.self)
    }

    /// Before loading: another number of entries, of a ring of bytes.
    func resize(_ map: String, to entries: UInt32) throws(ProbeError) {
        let result = bpf_map__set_max_entries(try find(map), entries)
        guard result == 0 else { throw .libbpf("resize map \(map)", result) }
    }

    func map<Key, Value>(_ name: String, key: Key.Type, value: Value.Type, copies: Int = 1) throws(ProbeError)
        -> Map<Key, Value>
    {
        let map = try find(name)
        guard Int(bpf_map__key_size(map)) == MemoryLayout<Key>.size,
            Int(bpf_map__value_size(map)) == MemoryLayout<Value>.size
        else { throw ProbeError("match map \(name) with the probe", errno: EBADMSG, advice: "build it again") }
        return Map(name: name, fileDescriptor: bpf_map__fd(map), copies: copies)
    }

    func fileDescriptor(ofMap name: String) throws(ProbeError) -> Int32 {
        bpf_map__fd(try find(name))
    }

    func fileDescriptor(ofProgram name: String) -> Int32? {
        let program = bpf_object__find_program_by_name(handle, name)
        return program.map { bpf_program__fd($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    func attach(_ name: String, cgroup: Int32?) throws(ProbeError) -> Link {
        guard let program = bpf_object__find_program_by_name(handle, name) else {
            throw ProbeError("find program \(name)", errno: ENOENT, advice: "build the probe again")
        }
        let link = cgroup.map { bpf_program__attach_cgroup(program, $0) } ?? bpf_program__attach(program)
        guard let link else {
            throw ProbeError("attach \(name)", errno: Glibc.errno, log: Log.lines())
        }
        return Link(link)
    }

    private func find(_ name: String) throws(ProbeError) -> OpaquePointer {
        guard let map = bpf_object__find_map_by_name(handle, name) else {
            throw ProbeError("find map \(name)", errno: ENOENT, advice: "build the probe again")
        }
        return map
    }
}

/// An attached program; letting go of it detaches.
final class Link {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { bpf_link__destroy(handle) }
}
