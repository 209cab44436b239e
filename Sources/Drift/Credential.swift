import Events

/// Files and sockets that hold or give a secret, and the programs that are known to use them.
package struct Credential: Sendable {
    package enum Users: Sendable {
        /// Only these, by `Program.name`; a name that ends in `*` is a beginning.
        case programs([String])
        /// The application itself: whatever is no shell, one-liner or general-purpose tool.
        case application
    }

    /// What the secret is, as a sentence names it.
    package var what: String
    /// What the register calls its like; nil of what only leads to secrets.
    package var sort: String?
    package var users: Users
    let patterns: [PathPattern]
    let exceptions: [PathPattern]

    init(_ what: String, as sort: String? = nil, _ users: Users, _ globs: [String], except: [String] = []) {
        self.what = what
        self.sort = sort
        self.users = users
        patterns = globs.map(PathPattern.init)
        exceptions = except.map(PathPattern.init)
    }

    /// The secret at a path, nil where there is none.
    package static func at(_ path: String) -> Credential? {
        let path = PathPattern.Path(path)
        // Nearly every path holds no anchor: it is told by one look-up for each of its segments.
        var rows = index.floating
        for hash in path.hashes {
            if let anchored = index.anchored[hash] { rows.formUnion(anchored) }
        }
        for row in 0..<table.count where rows.contains(Rows(row: row)) {
            let credential = table[row]
            if credential.patterns.contains(where: { $0.matches(path) }),
                !credential.exceptions.contains(where: { $0.matches(path) })
            {
                return credential
            }
        }
        return nil
    }

    /// Rows of the table as bits.
    private struct Rows: OptionSet, Sendable {
        let rawValue: UInt64
        init(rawValue: UInt64) { self.rawValue = rawValue }
        init(row: Int) { rawValue = 1 << UInt64(row) }
    }

    private static let index: (anchored: [UInt64: Rows], floating: Rows) = {
        precondition(table.count <= 64)
        var anchored: [UInt64: Rows] = [:]
        var floating: Rows = []
        for (row, credential) in table.enumerated() {
            for pattern in credential.patterns {
                if let anchor = pattern.anchor {
                    anchored[anchor, default: []].insert(Rows(row: row))
                } else {
                    floating.insert(Rows(row: row))
                }
            }
        }
        return (anchored, floating)
    }()

    /// Whether it hands out cryptographic identities of workloads.
    package var isIdentity: Bool { what == Self.identitySocket }

    private static let identitySocket = "a workload identity socket"
    /// Of a socket that gives each who asks an identity of their own.
    package static let identitySort = "identity-socket"

    /// The secret that an open reaches for; a directory or an O_PATH descriptor gives nothing away.
    package static func opened(by open: Open) -> Credential? {
        guard !open.access.isDisjoint(with: [.read, .write, .append, .truncate, .create]),
            open.mode & 0o170000 != 0o040000
        else { return nil }
        return at(open.path.text)
    }

    /// Whether the program is known to use such a secret, whatever the workload is.
    package func isKnown(to program: Program) -> Bool {
        switch users {
        case .programs(let names):
            names.contains { name in
                name.hasSuffix("*") ? program.name.hasPrefix(name.dropLast()) : program.name == name
            }
        case .application:
            !(program.isShell || program.isOneLiner || Self.generalTools.contains(program.name))
        }
    }

    /// Programs that read, pack, encode or send any file they are told to.
    private static let generalTools: Set<String> = [
        "cat", "tac", "bat", "batcat", "nl", "less", "more", "most", "head", "tail", "cut", "paste", "sort", "uniq",
        "rev", "fold", "tr", "wc", "tee", "cmp", "comm", "diff", "grep", "egrep", "fgrep", "rg", "ag", "sed", "awk",
        "gawk", "mawk", "nawk", "jq", "yq", "find", "locate", "xargs", "file", "strings", "od", "xxd", "hexdump", "hd",
        "base32", "base64", "basenc", "uuencode", "md5sum", "sha1sum", "sha256sum", "sha512sum", "shasum", "cksum",
        "cp", "mv", "ln", "install", "dd", "split", "csplit", "truncate", "shred", "rsync", "scp", "sftp", "tar",
        "bsdtar", "cpio", "pax", "zip", "unzip", "7z", "7za", "7zr", "gzip", "zcat", "bzip2", "bzcat", "xz", "xzcat",
        "zstd", "zstdcat", "lz4", "ar", "curl", "wget", "wget2", "http", "https", "aria2c", "lynx", "w3m", "nc",
        "ncat", "netcat", "nc.traditional", "nc.openbsd", "socat", "telnet", "ftp", "tftp", "openssl", "vi", "vim",
        "vim.basic", "vim.tiny", "view", "nano", "ed", "ex", "emacs", "pico", "joe", "gdb", "strace", "ltrace",
        "busybox", "toybox",
    ]

    private static let accounts: [String] = [
        "login", "sshd", "sshd-session", "sshd-auth", "su", "su-l", "sudo", "sudo-rs", "doas", "passwd", "chpasswd",
        "chage", "chfn", "chsh", "expiry", "gpasswd", "newgrp", "sg", "vipw", "vigr", "pwck", "grpck", "pwconv",
        "pwunconv", "grpconv", "grpunconv", "unix_chkpwd", "unix_update", "useradd", "userdel", "usermod", "newusers",
        "groupadd", "groupdel", "groupmod", "groupmems", "shadowconfig", "polkit-agent-h*", "cron", "crond", "atd",
        "systemd*", "(systemd)", "sddm", "gdm*", "lightdm", "xdm", "lxdm", "nscd", "sssd*", "nslcd", "pkexec",
        "accounts-daemon", "vsftpd", "proftpd", "dovecot", "auth", "saslauthd", "runuser", "getent",
    ]

    private static let ssh: [String] = [
        "ssh", "sshd", "sshd-session", "sshd-auth", "ssh-keygen", "ssh-agent", "ssh-add", "ssh-keysign", "ssh-keyscan",
        "scp", "sftp", "dropbear", "dropbearkey", "dbclient", "git-remote-ssh", "systemd*", "cloud-init",
    ]

    private static let gpg: [String] = ["gpg*", "keyboxd", "scdaemon", "dirmngr", "apt*", "pacman-key"]

    private static let runtimes: [String] = [
        "docker*", "podman", "conmon", "containerd*", "ctr", "nerdctl", "crictl", "kubelet", "kubectl", "crio",
        "buildkitd", "buildctl", "buildah", "skopeo", "cri-dockerd", "runc", "crun", "systemd*", "traefik",
        "com.docker.cli",
    ]

    private static let publicKeys = [
        "/usr/**", "/etc/apt/**", "/etc/pki/rpm-gpg/**", "/sys/**", "**/cacerts.jks", "**/dnssec*/**/*.key",
    ]

    /// Reviewed by hand. The first row that matches tells what a secret is, so narrow rows come first.
    package static let table: [Credential] = [
        Credential(
            "password hashes", as: "password-hash", .programs(accounts),
            [
                "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/master.passwd",
                "/etc/security/opasswd",
            ]),
        Credential(
            "sudo rules", .programs(["sudo", "sudo-rs", "visudo", "cvtsudoers"]), ["/etc/sudoers", "/etc/sudoers.d/*"]),
        Credential(
            "an SSH host key", as: "ssh-key", .programs(ssh), ["/etc/ssh/ssh_host_*", "/etc/dropbear/*_host_key"],
            except: ["**/*.pub"]
        ),
        Credential(
            "an SSH key", as: "ssh-key", .programs(ssh),
            ["**/.ssh/id_*", "**/.ssh/identity", "**/.ssh/*.pem", "**/.ssh/*_key"],
            except: ["**/*.pub"]),
        Credential(
            "a service account token", as: "service-account-token", .application,
            [
                "/run/secrets/kubernetes.io/**", "/var/run/secrets/**",
                "/var/lib/kubelet/pods/**/kubernetes.io~projected/**",
            ],
            except: ["**/ca.crt", "**/namespace"]),
        Credential(
            "a mounted secret", as: "mounted-secret", .application, ["/run/secrets/**", "/run/credentials/**"],
            except: ["/run/secrets/kubernetes.io/**"]),
        Credential(
            "a Kubernetes credential", as: "kubernetes", .application,
            [
                "**/.kube/config", "/etc/kubernetes/*.conf", "/var/lib/kubelet/kubeconfig", "/var/lib/kubelet/pki/*",
                "/etc/kubernetes/pki/**", "/etc/rancher/k3s/k3s.yaml", "/var/lib/rancher/*/server/node-token",
            ], except: ["**/*.crt", "**/*.pub"]),
        Credential(
            "a cloud credential", as: "cloud", .application,
            [
                "**/.aws/credentials", "**/.aws/sso/cache/*", "**/.aws/cli/cache/*", "**/.azure/accessTokens.json",
                "**/.azure/msal_token_cache.*", "**/.azure/service_principal_entries.json",
                "**/gcloud/application_default_credentials.json", "**/gcloud/credentials.db",
                "**/gcloud/access_tokens.db", "**/gcloud/legacy_credentials/**", "**/.config/doctl/config.yaml",
                "**/.oci/*.pem", "**/.terraform.d/credentials.tfrc.json", "**/.terraformrc", "**/.boto", "**/.s3cfg",
            ]),
        Credential(
            "a registry credential", as: "registry", .application,
            ["**/.docker/config.json", "**/containers/auth.json", "**/.dockercfg", "/run/containers/*/auth.json"]),
        Credential(
            "a Vault token", as: "vault-token", .application,
            ["**/.vault-token", "/vault/secrets/**", "/etc/vault.d/*token*", "**/vault-token"]),
        Credential(
            "a stored password", as: "password", .application,
            [
                "**/.netrc", "**/_netrc", "**/.pgpass", "**/.my.cnf", "**/.mylogin.cnf", "**/.git-credentials",
                "**/git/credentials", "**/.npmrc", "**/.pypirc", "**/.gem/credentials", "**/.cargo/credentials*",
                "**/.config/gh/hosts.yml", "**/.htpasswd", "/etc/mysql/debian.cnf", "/etc/ppp/*-secrets",
                "**/.kodi/userdata/passwords.xml", "**/.password-store/**", "**/.local/share/keyrings/*",
                "/etc/krb5.keytab",
                "/etc/ipsec.secrets", "/etc/wireguard/*.conf", "/etc/openvpn/**/*.key", "/tmp/krb5cc_*",
                "/etc/NetworkManager/system-connections/*", "/etc/wpa_supplicant/*.conf",
            ]),
        Credential(
            "a GPG key", as: "gpg-key", .programs(gpg), ["**/.gnupg/private-keys-v1.d/*", "**/.gnupg/secring.gpg"]),
        Credential(
            "a TLS private key", as: "tls-key", .application,
            [
                "/etc/ssl/private/**", "/etc/pki/tls/private/**", "/etc/letsencrypt/**/privkey*.pem",
                "/etc/letsencrypt/keys/**", "**/private/*.pem", "**/private/*.key", "**/privkey.pem", "**/tls.key",
                "**/server.key", "**/client.key", "/etc/**/*.key", "/certs/**/*.key",
            ], except: publicKeys),
        // Known by their endings alone, so every path is compared with these.
        Credential(
            "a TLS private key", as: "tls-key", .application,
            ["**/*-key.pem", "**/*_key.pem", "**/private_key*", "**/*.p12", "**/*.pfx", "**/*.jks"], except: publicKeys),
        Credential(
            "a container runtime's socket", as: "runtime-socket", .programs(runtimes),
            [
                "/run/docker.sock", "/var/run/docker.sock", "**/docker.sock", "**/containerd.sock", "**/crio.sock",
                "**/podman.sock", "**/buildkitd.sock", "**/dockershim.sock", "**/cri-dockerd.sock", "**/io.podman",
            ]),
        Credential(
            identitySocket, as: identitySort, .application,
            [
                "/run/spire/**", "**/spire-agent/public/api.sock", "**/spire-agent/**/*.sock",
                "**/spire-server/**/*.sock", "**/spiffe*/**/*.sock",
            ]),
        Credential(
            "an SSH or GPG agent's socket", as: "agent-socket", .programs(ssh + gpg + ["git*"]),
            ["/tmp/ssh-*/agent.*", "**/S.gpg-agent", "**/S.gpg-agent.ssh"]),
        Credential("another process's environment", .application, ["/proc/*/environ", "/proc/*/task/*/environ"]),
        Credential(
            "another process's memory", .application,
            ["/proc/*/mem", "/proc/*/task/*/mem", "/proc/kcore", "/dev/mem", "/dev/kmem"]),
        Credential(
            "a shell's history", .application,
            [
                "**/.bash_history", "**/.zsh_history", "**/.ash_history", "**/.mysql_history", "**/.psql_history",
                "**/.rediscli_history", "**/.python_history", "**/.node_repl_history",
            ]),
    ]
}
