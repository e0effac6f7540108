// XML out of the encoder, cut into chunks of every size, back through the framer and libxml2: the
// same records, valid by the schema, and canonical bytes that are the document itself.

#include <cstdio>

#include <gtest/gtest.h>

#include "codecs/decoder.h"
#include "codecs/encoder.h"
#include "codecs/files/mcf.h"
#include "codecs/layout/layout.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/framer.h"

namespace s1flow::codecs {
namespace {

class XmlRoundTripTest : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    const auto set = LayoutSet::shipped();
    ASSERT_TRUE(set) << set.error().message();
    layout_ = set->preferred("mcf");
    const auto source = layout_->source;
    auto schema = XmlSchema::load(layout_->schema_path,
                                  [source](const std::string& p) { return source->read(p); });
    ASSERT_TRUE(schema) << schema.error().message();
    schema_ = *schema;
  }

  // `count` installations with a hub, a meter, meter points and certificates.
  std::string make_document(std::size_t count) {
    Arena arena;
    Record header(layout_->type->header, arena);
    namespace ex = exchange;
    set(header[ex::sender], Eui64(0x90B3D51F30000001));
    set(header.add(ex::recipient)[ex::recipient_id], Eui64(0x90B3D51F30000002));
    set_number(header[ex::counter], 42);
    set(header[ex::created], *UtcTime::parse("2021-06-04T10:00:00Z"));
    set_text(header[ex::smso], "SMSOA & <Co>");
    set(header[ex::migration_week], *Date::parse("2021-06-07"));
    set(header[ex::migrate_on], *Date::parse("2021-06-08"));
    set_number(header[ex::record_count], count);
    auto encoder = make_encoder(layout_);
    EXPECT_TRUE(encoder) << encoder.error().message();
    std::string out;
    (*encoder)->begin(header, {}, out);
    for (std::size_t i = 0; i < count; ++i) {
      Record r(layout_->type->record, arena);
      r.ordinal = i + 1;
      set_text(r[mcf::installation_id], arena.copy("INST-" + std::to_string(i)));
      set(r[mcf::group_id], *GroupId::parse("CA"));
      set_code(r[mcf::commissioned_by], CommissionedBy::supplier);
      GroupInstance& chf = r.add(mcf::device);
      set_code(chf[mcf::type], DeviceType::chf);
      set(chf[mcf::id], Eui64(0x00DB000000000000 + i));
      set_text(chf[mcf::manufacturer], "106C");
      set_text(chf[mcf::model], "433100AC");
      GroupInstance& esme = r.add(mcf::device);
      set_code(esme[mcf::type], DeviceType::esme);
      set(esme[mcf::id], Eui64(0x00DB100000000000 + i));
      set_text(esme[mcf::manufacturer], "AB01");
      set_text(esme[mcf::model], "010A030B");
      set_code(esme[mcf::status], MeterStatus::active);
      set(esme[mcf::supplier], Eui64(0x90B3D51F30010000));
      set(esme[mcf::network_operator], Eui64(0x90B3D51F30020000));
      GroupInstance& point = r.add(mcf::meter_point, &esme);
      set_code(point[mcf::role], MeterPointRole::import_);
      set(point[mcf::mpxn], Mpxn::make_mpan(120000000000 + i));
      GroupInstance& certificate = r.add(mcf::supplier_certificate, &esme);
      set_code(certificate[mcf::use], CertificateUse::digital_signing);
      set(certificate[mcf::serial], CertificateSerial(i, 77));
      const Record* one = &r;
      (*encoder)->encode({&one, 1}, nullptr, out);
    }
    Record trailer(layout_->type->trailer, arena);
    set_number(trailer[exchange::trailer_record_count], count);
    (*encoder)->end(trailer, out);
    (*encoder)->close(out);
    return out;
  }

  std::shared_ptr<const Layout> layout_;
  std::shared_ptr<const XmlSchema> schema_;
};

TEST_P(XmlRoundTripTest, GivesTheSameRecordsAndBytesForEveryChunkSize) {
  const std::string document = make_document(200);
  const Path path =
      Path(testing::TempDir()) / ("round-trip-" + std::to_string(GetParam()) + ".xml");
  ASSERT_TRUE(write_whole(path, document, Overwrite::yes));
  const Limits limits;
  XmlFramer framer(layout_->record_path, limits);
  auto file = InputFile::open(path);
  ASSERT_TRUE(file);
  ChunkReader reader(std::move(*file), framer, GetParam(), limits);
  XmlChunkParser parser(layout_, schema_, limits);
  std::string canonical;
  std::size_t records = 0, chunks = 0;
  while (true) {
    Chunk chunk;
    const auto next = reader.next(chunk);
    ASSERT_TRUE(next);
    ASSERT_FALSE(next->fault) << next->fault->rule->id << " " << next->fault->note;
    if (!next->more) break;
    Arena arena;
    Record header(layout_->type->header, arena), trailer(layout_->type->trailer, arena);
    XmlChunkResult result;
    parser.parse(chunk, *framer.head(), {}, arena, &header, &trailer, result);
    ASSERT_TRUE(result.faults.empty()) << result.faults[0].rule->id << " " << result.faults[0].note
                                       << " line " << result.faults[0].line;
    ASSERT_TRUE(result.batch.faults.empty()) << result.batch.faults[0].field;
    for (const std::string_view piece : result.canonical_form()) canonical += piece;
    for (const Record& r : result.batch.records) {
      EXPECT_EQ(r[mcf::installation_id].text, "INST-" + std::to_string(records));
      EXPECT_EQ(r.ordinal, records + 1);
      EXPECT_EQ(document.substr(r.byte, 14), "<Installation ");
      EXPECT_EQ(r.line,
                1 + static_cast<std::size_t>(std::count(
                        document.begin(), document.begin() + static_cast<long>(r.byte), '\n')));
      ASSERT_EQ(r.group_size(mcf::device), 2U);
      ASSERT_EQ(r.group_size(mcf::meter_point), 1U);
      EXPECT_EQ(as_mpxn((*r.group(mcf::meter_point).begin())[mcf::mpxn]),
                Mpxn::make_mpan(120000000000 + records));
      ++records;
    }
    if (chunk.ordinal == 0) {
      EXPECT_EQ(header[exchange::smso].text, "SMSOA & <Co>");
      EXPECT_EQ(as_count(header[exchange::counter]), 42U);
      EXPECT_EQ(header.group_size(exchange::recipient), 1U);
    }
    if (chunk.last) {
      EXPECT_EQ(as_count(trailer[exchange::trailer_record_count]), 200U);
    }
    ++chunks;
  }
  EXPECT_EQ(records, 200U);
  EXPECT_EQ(chunks > 1, GetParam() < document.size());
  std::string expected = document.substr(document.find("?>\n") + 3);
  expected.pop_back();  // the line feed after the root has no canonical form
  EXPECT_EQ(canonical, expected);
}
INSTANTIATE_TEST_SUITE_P(ChunkSizes, XmlRoundTripTest,
                         testing::Values(1, 7, 64, 1000, 4096, 65536, 1 << 20));

TEST(LayoutSetTest, ShipsALayoutForEveryFileType) {
  const auto set = LayoutSet::shipped();
  ASSERT_TRUE(set) << set.error().message();
  for (const FileType* type : file_types()) {
    const auto layout = set->preferred(type->id);
    ASSERT_TRUE(layout) << type->id;
    EXPECT_EQ(layout->unwritable, "") << type->id;
    EXPECT_NE(layout->notice.find("s1flow's own"), std::string::npos) << type->id;
  }
}

}  // namespace
}  // namespace s1flow::codecs
