#include "loadgen/net/tls.h"

#include <cerrno>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include "codecs/crypto/certificate.h"
#include "core/check.h"
#include "loadgen/net/socket_bio.h"

namespace s1flow::loadgen {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
};
struct FreeSsl {
  void operator()(SSL* p) const { SSL_free(p); }
};
struct FreeSavedSession {
  void operator()(SSL_SESSION* p) const { SSL_SESSION_free(p); }
};

std::string library_error() {
  std::string text = "unknown error";
  if (const unsigned long code = ERR_peek_last_error(); code != 0) {
    const char* reason = ERR_reason_error_string(code);
    text = reason != nullptr ? reason : fmt::format("error {:x}", code);
  }
  ERR_clear_error();
  return text;
}

tl::unexpected<Error> refuse(std::string_view what) {
  return tl::unexpected(usage_error(fmt::format("{}: {}", what, library_error())));
}

}  // namespace

struct TlsContext::State {
  std::unique_ptr<SSL_CTX, FreeContext> context;
  std::string host;  // empty for a server
  bool is_address = false;
  std::unique_ptr<SSL_SESSION, FreeSavedSession> session;
  std::uint64_t resumed = 0;
};

struct TlsSession::State {
  std::unique_ptr<SSL, FreeSsl> ssl;
  TlsContext::State* owner = nullptr;
  std::string error;
};

namespace {

// Keeps the newest session; a ticket of TLS 1.3 may be used more than once with our own test peers
// and is simply refused by those that forbid it.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* state = static_cast<TlsContext::State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  state->session.reset(session);
  return 1;
}

// OpenSSL does not say why it cannot open a file.
Status readable(const Path& path) {
  if (::access(path.c_str(), R_OK) != 0) return tl::unexpected(io_error("open", path.string()));
  return {};
}

Status load_identity(SSL_CTX* context, const TlsOptions& options) {
  if (options.cert.empty()) return {};
  S1FLOW_TRY_VOID(readable(options.cert));
  if (SSL_CTX_use_certificate_chain_file(context, options.cert.c_str()) != 1)
    return refuse(options.cert.string());
  const Path& key = options.key.empty() ? options.cert : options.key;
  S1FLOW_TRY_VOID(readable(key));
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return refuse(key.string());
  if (SSL_CTX_check_private_key(context) != 1)
    return refuse(fmt::format("{}: does not belong to {}", key.string(), options.cert.string()));
  return {};
}

Status load_authorities(SSL_CTX* context, const Path& path) {
  S1FLOW_TRY_VOID(readable(path));
  std::vector<Path> files{path};
  if (std::filesystem::is_directory(path)) {
    S1FLOW_TRY(files, list_files(path, ".pem"));
    std::erase_if(files, [](const Path& file) { return file.string().ends_with(".key.pem"); });
  }
  for (const Path& file : files)
    if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) return refuse(file.string());
  return {};
}

void common(SSL_CTX* context, const TlsOptions& options) {
  SSL_CTX_set_min_proto_version(
      context, options.version == TlsVersion::tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(
      context, options.version == TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_NO_AUTO_CHAIN);
  if (options.save_memory) SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (options.clock)
    X509_VERIFY_PARAM_set_time(
        SSL_CTX_get0_param(context),
        static_cast<time_t>(options.clock->milliseconds_since_epoch() / 1000));
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::TlsContext(TlsContext&&) noexcept = default;
TlsContext& TlsContext::operator=(TlsContext&&) noexcept = default;
TlsContext::~TlsContext() = default;

Result<TlsContext> TlsContext::client(const TlsOptions& options, std::string host) {
  auto state = std::make_unique<State>();
  state->context.reset(SSL_CTX_new(TLS_client_method()));
  if (!state->context) return refuse("TLS");
  SSL_CTX* context = state->context.get();
  common(context, options);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (!options.ca.empty())
    S1FLOW_TRY_VOID(load_authorities(context, options.ca));
  else if (SSL_CTX_set_default_verify_paths(context) != 1)
    return refuse("the system's certificates");
  S1FLOW_TRY_VOID(load_identity(context, options));
  state->host = host == "localhost" ? "127.0.0.1" : std::move(host);
  if (options.resume) {
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_set_app_data(context, state.get());
    SSL_CTX_sess_set_new_cb(context, &keep_session);
  }
  return TlsContext(std::move(state));
}

Result<TlsContext> TlsContext::server(const TlsOptions& options) {
  auto state = std::make_unique<State>();
  state->context.reset(SSL_CTX_new(TLS_server_method()));
  if (!state->context) return refuse("TLS");
  SSL_CTX* context = state->context.get();
  common(context, options);
  if (options.cert.empty())
    return tl::unexpected(usage_error("TLS: a listener needs a certificate and its key"));
  S1FLOW_TRY_VOID(load_identity(context, options));
  if (!options.ca.empty()) {
    S1FLOW_TRY_VOID(load_authorities(context, options.ca));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("s1flow"), 6);
  return TlsContext(std::move(state));
}

std::uint64_t TlsContext::resumed() const {
  return state_->resumed;
}

std::unique_ptr<TlsSession> TlsContext::session(int socket) const {
  auto made = std::make_unique<TlsSession::State>();
  made->owner = state_.get();
  made->ssl.reset(SSL_new(state_->context.get()));
  SSL* ssl = made->ssl.get();
  S1FLOW_CHECK(ssl != nullptr);
  BIO* const bio = make_socket_bio(socket);
  SSL_set_bio(ssl, bio, bio);
  if (state_->host.empty()) {
    SSL_set_accept_state(ssl);
  } else {
    SSL_set_connect_state(ssl);
    // A numeric host is compared with the certificate's addresses, any other with its names.
    X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, state_->host.c_str()) != 1) {
      ERR_clear_error();
      SSL_set1_host(ssl, state_->host.c_str());
      SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, state_->host.data());
    }
    if (state_->session) SSL_set_session(ssl, state_->session.get());
  }
  return std::make_unique<TlsSession>(std::move(made));
}

TlsSession::TlsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsSession::~TlsSession() = default;

namespace {

IoResult failure(TlsSession::State& state, int returned) {
  const int saved = errno;
  switch (SSL_get_error(state.ssl.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {IoState::want_read, 0, 0};
    case SSL_ERROR_WANT_WRITE:
      return {IoState::want_write, 0, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {IoState::closed, 0, 0};
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      return {saved == 0 ? IoState::closed : IoState::reset, 0, saved};
    default:
      break;
  }
  // A peer that ends the connection without close_notify has closed it, as over plain TCP.
  if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    return {IoState::closed, 0, 0};
  }
  const long verified = SSL_get_verify_result(state.ssl.get());
  state.error = library_error();
  if (verified != X509_V_OK) {
    state.error += ": ";
    state.error += X509_verify_cert_error_string(verified);
  }
  return {IoState::tls_error, 0, 0};
}

}  // namespace

IoResult TlsSession::handshake() {
  errno = 0;
  const int done = SSL_do_handshake(state_->ssl.get());
  if (done != 1) return failure(*state_, done);
  if (SSL_session_reused(state_->ssl.get()) == 1) ++state_->owner->resumed;
  return {};
}

IoResult TlsSession::read(char* to, std::size_t size) {
  IoResult result;
  errno = 0;
  const int done = SSL_read_ex(state_->ssl.get(), to, size, &result.bytes);
  return done == 1 ? result : failure(*state_, done);
}

IoResult TlsSession::write(const char* from, std::size_t size) {
  IoResult result;
  errno = 0;
  const int done = SSL_write_ex(state_->ssl.get(), from, size, &result.bytes);
  return done == 1 ? result : failure(*state_, done);
}

bool TlsSession::pending() const {
  return SSL_has_pending(state_->ssl.get()) == 1;
}

Eui64 TlsSession::peer() const {
  X509* const x509 = SSL_get0_peer_certificate(state_->ssl.get());
  if (x509 == nullptr) return {};
  unsigned char* der = nullptr;
  const int size = i2d_X509(x509, &der);
  if (size <= 0) return {};
  const auto certificate =
      codecs::crypto::Certificate::from_der({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return certificate ? certificate->eui().value_or(Eui64()) : Eui64();
}

void TlsSession::shutdown() {
  if (SSL_in_init(state_->ssl.get()) == 0) (void)SSL_shutdown(state_->ssl.get());
  ERR_clear_error();
}

std::string TlsSession::error_text() const {
  return state_->error;
}

}  // namespace s1flow::loadgen
