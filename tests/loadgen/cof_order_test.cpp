#include "loadgen/duis/cof_order.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace s1flow::loadgen {
namespace {

constexpr Eui64 kHub(0x001DB20000000001), kMeter(0x001DB20000000003), kDcc(0x90B3D51F30000002),
    kSender(0x90B3D51F30000102);

std::string step(std::string_view srv, Eui64 target, std::uint64_t counter,
                 std::string_view result = "Done") {
  return fmt::format(
      "<Step srv=\"{}\" requestID=\"{}:{}:{}\" responseCode=\"I0\" attempts=\"1\">{}</Step>", srv,
      kSender.text(), target.text(), counter, result);
}

std::string device(Eui64 eui, std::string_view type, const std::string& steps) {
  return fmt::format("<Device id=\"{}\" type=\"{}\" result=\"Commissioned\">{}</Device>",
                     eui.text(), type, steps);
}

// A whole file but for its signature, which nobody looks at here.
void put_cof(const Path& path, const std::string& devices) {
  const std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CommissioningOutcomeFile "
      "xmlns=\"urn:x-s1flow:migration:1\" schemaVersion=\"1.0\">\n<Header><Sender>{}</Sender>"
      "<Recipients><Recipient>{}</Recipient></Recipients><Counter>42</Counter>"
      "<Created>2021-06-04T10:00:00Z</Created><SMSO>SMSOA</SMSO><MigrationWeek>2021-06-07"
      "</MigrationWeek><MigrateOn>2021-06-08</MigrateOn><MCF><Sender>{}</Sender><Counter>41"
      "</Counter></MCF><InstallationCount>1</InstallationCount></Header>\n<Installations>\n"
      "<Installation id=\"A-1\"><Result>Commissioned</Result>{}</Installation>\n</Installations>\n"
      "<Trailer><InstallationCount>1</InstallationCount></Trailer>\n</CommissioningOutcomeFile>\n",
      kSender.text(), kDcc.text(), kSender.text(), devices);
  const Status written = write_whole(path, text);
  ASSERT_TRUE(written) << written.error().message();
}

TEST(CofOrderTest, TakesTheStepsOfAllFilesInTheirOrder) {
  const TemporaryFolder folder;
  put_cof(folder / "files/cof/CO_B.xml", device(kHub, "CHF", step("8.1.1", kHub, 9)));
  put_cof(folder / "files/cof/CO_A.xml",
          device(kHub, "CHF", step("12.2", kDcc, 1) + step("8.1.1", kHub, 2)) +
              device(kMeter, "ESME", step("8.11", kHub, 3) + step("8.1.1", kMeter, 4)));
  DuisSettings settings;
  const Status read = read_cof_order(folder.path(), settings);
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(settings.kinds.size(), 3U);
  EXPECT_EQ(settings.kinds[0].name, "12.2");
  EXPECT_EQ(settings.kinds[1].name, "8.1.1");
  EXPECT_EQ(settings.kinds[1].weight, 3);
  ASSERT_EQ(settings.given.size(), 5U);
  const GivenRequest& joining = settings.given[2];
  EXPECT_EQ(settings.kinds[joining.kind].name, "8.11");
  EXPECT_EQ(joining.originator, kSender);
  EXPECT_EQ(joining.target, kHub);
  EXPECT_EQ(joining.device, kMeter);
  EXPECT_EQ(settings.given[4].device, kHub) << "of the second file";
}

TEST(CofOrderTest, LeavesOutWhatWasNotSent) {
  const TemporaryFolder folder;
  put_cof(folder / "CO_A.xml",
          device(kMeter, "ESME",
                 step("8.1.1", kMeter, 1, "Failed") + "<Step srv=\"6.21\">NotRun</Step>" +
                     "<Step srv=\"8.1.1\">BySupplier</Step>"));
  DuisSettings settings;
  const Status read = read_cof_order(folder.path(), settings);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(settings.given.size(), 1U);
}

TEST(CofOrderTest, RefusesAFolderWithoutSteps) {
  const TemporaryFolder folder;
  DuisSettings settings;
  const Status read = read_cof_order(folder.path(), settings);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find("no Commissioning Outcome File"), std::string::npos);
}

TEST(CofOrderTest, RefusesAFileThatIsNoXml) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_whole(folder / "CO_A.xml", "<CommissioningOutcomeFile"));
  DuisSettings settings;
  const Status read = read_cof_order(folder.path(), settings);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find("CO_A.xml"), std::string::npos);
}

}  // namespace
}  // namespace s1flow::loadgen
