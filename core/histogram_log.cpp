#include "core/histogram_log.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <ctime>

#include <fmt/format.h>
#include <zlib.h>

#include "core/check.h"
#include "core/text.h"

namespace s1flow {
namespace {

constexpr std::uint32_t kEncodedCookie = 0x1c849303 | 0x10;
constexpr std::uint32_t kCompressedCookie = 0x1c849304 | 0x10;
constexpr std::size_t kHeadBytes = 40;
// Every count as nine bytes: no valid body is longer.
constexpr std::size_t kMaxPayload = Histogram::kSize * 9;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift & 0xff));
}

std::uint64_t big_endian(std::string_view bytes, std::size_t at, int size) {
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

// Seven bits a byte, lowest first; the ninth byte holds eight.
void append_zigzag(std::string& out, std::int64_t value) {
  auto v = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  for (int i = 0; i < 8 && v >= 0x80; ++i) {
    out.push_back(static_cast<char>((v & 0x7f) | 0x80));
    v >>= 7;
  }
  out.push_back(static_cast<char>(v));
}

bool read_zigzag(std::string_view& in, std::int64_t& value) {
  std::uint64_t v = 0;
  for (int i = 0; i < 9; ++i) {
    if (in.empty()) return false;
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    const std::uint64_t bits = i == 8 ? byte : byte & 0x7f;
    v |= bits << (7 * i);
    if (i == 8 || (byte & 0x80) == 0) break;
  }
  value = static_cast<std::int64_t>(v >> 1 ^ (~(v & 1) + 1));
  return true;
}

std::string encode(const Histogram& histogram) {
  std::string body;
  std::int64_t zeros = 0;
  for (const std::uint64_t count : histogram.counts()) {
    if (count == 0) {
      ++zeros;
      continue;
    }
    // A single zero is written as itself.
    if (zeros != 0) append_zigzag(body, zeros == 1 ? 0 : -zeros);
    zeros = 0;
    append_zigzag(body, static_cast<std::int64_t>(count));
  }
  if (zeros != 0) append_zigzag(body, zeros == 1 ? 0 : -zeros);
  std::string out;
  out.reserve(kHeadBytes + body.size());
  append_big_endian(out, kEncodedCookie, 4);
  append_big_endian(out, body.size(), 4);
  append_big_endian(out, 0, 4);  // index offset
  append_big_endian(out, Histogram::kDigits, 4);
  append_big_endian(out, 1, 8);
  append_big_endian(out, Histogram::kLimit, 8);
  append_big_endian(out, std::bit_cast<std::uint64_t>(1.0), 8);
  return out + body;
}

tl::unexpected<Error> refuse(std::string_view why) {
  return tl::unexpected(usage_error(fmt::format("histogram: {}", why)));
}

Result<std::string> inflate_all(std::string_view bytes) {
  std::string out(kHeadBytes + kMaxPayload, '\0');
  uLongf size = out.size();
  uLong taken = bytes.size();
  if (::uncompress2(reinterpret_cast<Bytef*>(out.data()), &size,
                    reinterpret_cast<const Bytef*>(bytes.data()), &taken) != Z_OK ||
      taken != bytes.size())
    return refuse("its compressed part is damaged or too long");
  out.resize(size);
  return out;
}

}  // namespace

std::string encode_compressed(const Histogram& histogram) {
  const std::string plain = encode(histogram);
  std::string packed(::compressBound(plain.size()), '\0');
  uLongf size = packed.size();
  const int done = ::compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                               reinterpret_cast<const Bytef*>(plain.data()), plain.size(), 6);
  S1FLOW_CHECK(done == Z_OK);
  packed.resize(size);
  std::string out;
  append_big_endian(out, kCompressedCookie, 4);
  append_big_endian(out, packed.size(), 4);
  return out + packed;
}

Result<Histogram> decode_compressed(std::string_view bytes) {
  if (bytes.size() < 8 || big_endian(bytes, 0, 4) != kCompressedCookie)
    return refuse("does not start like a compressed histogram of version 2");
  if (big_endian(bytes, 4, 4) != bytes.size() - 8) return refuse("its length is wrong");
  S1FLOW_TRY(const std::string plain, inflate_all(bytes.substr(8)));
  if (plain.size() < kHeadBytes || big_endian(plain, 0, 4) != kEncodedCookie)
    return refuse("is of another version");
  if (big_endian(plain, 4, 4) != plain.size() - kHeadBytes) return refuse("is cut");
  if (big_endian(plain, 8, 4) != 0 || big_endian(plain, 12, 4) != Histogram::kDigits ||
      big_endian(plain, 16, 8) != 1)
    return refuse("has other digits or another lowest value than 3 and 1");
  Histogram histogram;
  std::string_view body = std::string_view(plain).substr(kHeadBytes);
  std::size_t index = 0;
  while (!body.empty()) {
    std::int64_t value = 0;
    if (!read_zigzag(body, value)) return refuse("is cut within a number");
    if (value < 0) {
      if (value < -static_cast<std::int64_t>(Histogram::kSize)) return refuse("counts too far");
      index += static_cast<std::size_t>(-value);
    } else {
      if (!histogram.add_at(index, static_cast<std::uint64_t>(value)))
        return refuse("holds values above one hour");
      ++index;
    }
    if (index > Histogram::kSize) return refuse("counts too far");
  }
  return histogram;
}

void append_log_head(std::string& out, std::string_view what, double start_seconds) {
  const auto seconds = static_cast<std::time_t>(start_seconds);
  std::tm civil{};
  ::gmtime_r(&seconds, &civil);
  out += fmt::format(
      "#[{}]\n#[Histogram log format version 1.3]\n"
      "#[StartTime: {:.3f} (seconds since epoch), {:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      what, start_seconds, civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday, civil.tm_hour,
      civil.tm_min, civil.tm_sec);
}

void append_log_line(std::string& out, std::string_view tag, Nanoseconds start, Nanoseconds length,
                     const Histogram& histogram) {
  const auto seconds = [](Nanoseconds n) { return static_cast<double>(n.count()) / 1e9; };
  if (!tag.empty()) out += fmt::format("Tag={},", tag);
  // Interval_Max is in milliseconds when values are in nanoseconds; six decimals keep it exact.
  out += fmt::format("{:.3f},{:.3f},{:.6f},", seconds(start), seconds(length),
                     static_cast<double>(histogram.max().count()) / 1e6);
  append_base64(out, as_bytes(encode_compressed(histogram)));
  out += '\n';
}

Result<std::optional<LogLine>> read_log_line(std::string_view line) {
  if (line.empty() || line.front() == '#' || line.front() == '"') return std::nullopt;
  LogLine out;
  if (constexpr std::string_view kTag = "Tag="; line.starts_with(kTag)) {
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos) return refuse("its line is cut");
    out.tag = line.substr(kTag.size(), comma - kTag.size());
    line.remove_prefix(comma + 1);
  }
  Nanoseconds max{0};
  for (const auto& [to, unit] : {std::pair{&out.start, 1e9}, {&out.length, 1e9}, {&max, 1e6}}) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(line.data(), line.data() + line.size(), value, std::chars_format::fixed);
    const auto size = static_cast<std::size_t>(end - line.data());
    if (error != std::errc{} || size >= line.size() || line[size] != ',' ||
        !(value >= 0 && value < 9e9))
      return refuse("its line has no time where one belongs");
    *to = Nanoseconds{std::llround(value * unit)};
    line.remove_prefix(size + 1);
  }
  const auto bytes = decode_base64(line);
  if (!bytes) return refuse("its line does not end with base64");
  S1FLOW_TRY(out.histogram, decode_compressed(*bytes));
  // Other writers round it.
  if (!out.histogram.empty() && max >= out.histogram.min())
    (void)out.histogram.restore(out.histogram.min(), max, 0);
  return out;
}

Result<HistogramLogReader> HistogramLogReader::open(const Path& path) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  return HistogramLogReader(std::move(file));
}

Result<std::optional<std::string_view>> HistogramLogReader::line() {
  constexpr std::size_t kAtOnce = 1 << 18;
  constexpr std::size_t kLongest = 1 << 22;  // no histogram of ours is so long
  for (;;) {
    if (const std::size_t end = text_.find('\n', begin_); end != std::string::npos) {
      const std::string_view found = std::string_view(text_).substr(begin_, end - begin_);
      begin_ = end + 1;
      ++number_;
      return found;
    }
    text_.erase(0, begin_);
    begin_ = 0;
    if (ended_) {
      if (text_.empty()) return std::nullopt;
      ++number_;
      return tl::unexpected(fault("the line has no end"));
    }
    if (text_.size() > kLongest) {
      ++number_;
      return tl::unexpected(fault("the line is too long for a histogram"));
    }
    const std::size_t kept = text_.size();
    text_.resize(kept + kAtOnce);
    S1FLOW_TRY(const std::size_t got, file_.read(text_.data() + kept, kAtOnce));
    text_.resize(kept + got);
    ended_ = got == 0;
  }
}

Result<std::optional<LogLine>> HistogramLogReader::next() {
  for (;;) {
    S1FLOW_TRY(const std::optional<std::string_view> text, line());
    if (!text) return std::nullopt;
    auto read = read_log_line(*text);
    if (!read) return tl::unexpected(fault(read.error().message()));
    if (*read) return read;
  }
}

Error HistogramLogReader::fault(std::string_view why) const {
  return usage_error(
      fmt::format("{}:{}: {}; the log is damaged: copy it again from where it was written",
                  file_.path().string(), number_, why));
}

}  // namespace s1flow
