#pragma once
// MessageFramer: the frame of every message of the DCC (sr:Response, Header, Body, the outer
// ds:Signature) around a body that a writer appends. One compact line of canonical XML without an
// XML declaration.
//
// One per worker, reused; not thread-safe.

#include <optional>
#include <string>

#include "codecs/crypto/xmldsig.h"
#include "codecs/duis/message_id.h"
#include "codecs/duis/response_code.h"
#include "core/calendar.h"
#include "core/result.h"

namespace s1flow::codecs::duis {

enum class OuterSignature : bool { no, yes };

struct FrameHeader {
  const MessageId* request = nullptr;   // left out when null
  const MessageId* response = nullptr;  // left out when null
  ResponseCode code;
  UtcTime at;
};

class MessageFramer {
 public:
  // `dcc` signs; without one, signed messages are refused.
  explicit MessageFramer(std::optional<crypto::SignatureMaker> dcc);

  // `body` appends the one child of Body to `out` and gives a Status. On any error `out` is as
  // before.
  template <typename Body>
  [[nodiscard]] Status append(std::string& out, const FrameHeader& header, OuterSignature signature,
                              Body body) {
    const std::size_t start = out.size();
    Status status = begin(out, header, signature);
    if (status) status = body();
    if (status) status = end(out, start, signature);
    if (!status) out.resize(start);
    return status;
  }

 private:
  Status begin(std::string& out, const FrameHeader& header, OuterSignature signature);
  Status end(std::string& out, std::size_t start, OuterSignature signature);

  std::optional<crypto::SignatureMaker> dcc_;
};

}  // namespace s1flow::codecs::duis
