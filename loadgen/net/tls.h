#pragma once
// TLS 1.2 and 1.3 by OpenSSL, for many short exchanges on non-blocking sockets: one read per record
// (read-ahead), sessions resumed, client certificates per identity. One context serves one identity
// in one thread; sessions belong to their context.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/calendar.h"
#include "core/eui64.h"
#include "core/file.h"
#include "core/result.h"
#include "loadgen/net/io_result.h"

namespace s1flow::loadgen {

enum class TlsVersion : std::uint8_t { any, tls12, tls13 };

struct TlsOptions {
  Path ca;    // PEM file, or folder of such; empty: the system's
  Path cert;  // PEM chain; empty: none
  Path key;   // PEM; empty: in `cert`
  TlsVersion version = TlsVersion::any;
  bool resume = true;
  bool save_memory = false;      // give buffers back between exchanges
  std::optional<UtcTime> clock;  // when the peer's certificate has to be good; nothing: now
};

class TlsSession;

class TlsContext {
 public:
  // The peer's chain and name are always verified.
  [[nodiscard]] static Result<TlsContext> client(const TlsOptions& options, std::string host);
  // Asks for client certificates signed by `ca`, if there is one.
  [[nodiscard]] static Result<TlsContext> server(const TlsOptions& options);
  TlsContext(TlsContext&&) noexcept;
  TlsContext& operator=(TlsContext&&) noexcept;
  ~TlsContext();

  // Borrows the context. The socket stays the caller's.
  [[nodiscard]] std::unique_ptr<TlsSession> session(int socket) const;
  // How many handshakes went on from an earlier session.
  [[nodiscard]] std::uint64_t resumed() const;

  struct State;

 private:
  explicit TlsContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class TlsSession {
 public:
  struct State;
  explicit TlsSession(std::unique_ptr<State> state);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  [[nodiscard]] IoResult handshake();
  [[nodiscard]] IoResult read(char* to, std::size_t size);
  [[nodiscard]] IoResult write(const char* from, std::size_t size);
  // Bytes were read from the socket and not given out yet: no event will tell of them.
  [[nodiscard]] bool pending() const;
  // After the handshake: the EUI-64 of the peer's certificate; none when it has shown none, or one
  // without.
  [[nodiscard]] Eui64 peer() const;
  // Sends close_notify if it fits.
  void shutdown();
  // The last failure, for people.
  [[nodiscard]] std::string error_text() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace s1flow::loadgen
