import Foundation

/// Tells whoever started this process as a service how far it is: sd_notify(3), without its library.
enum ServiceManager {
    /// Every act is caught from now on: what is ordered after this service may start. As good as it can be done, since
    /// nobody may have asked.
    static func tellReady() {
        guard let path = ProcessInfo.processInfo.environment["NOTIFY_SOCKET"],
            path.hasPrefix("/") || path.hasPrefix("@")
        else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            place.copyBytes(from: name)
            // An abstract name begins with a null byte.
            if name[0] == UInt8(ascii: "@") { place[0] = 0 }
        }
        let file = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return }
        defer { close(file) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + name.count)
        let text = Array("READY=1".utf8)
        withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(file, text, text.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
