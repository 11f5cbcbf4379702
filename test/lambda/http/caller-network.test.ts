import { networkOf } from "../../../lambda/http/caller-network";

describe("an address", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8:1::1", "2001:db8:1:0::/64"],
    ["2001:db8::2:0:0:0:1", "2001:db8:0:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
  ])("%s is of the network %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

test("F5: however an address of one /64 is written, it counts as one client, and another /64 as another", () => {
  const spellings = [
    "2001:db8:0:7:1:2:3:4",
    "2001:db8::7:1:2:3:4",
    "2001:0db8:0000:0007:0001:0002:0003:0004",
    "2001:DB8:0:7::",
    "2001:db8:0:7::ffff",
    "2001:db8:0:7:ffff::",
  ];
  expect(new Set(spellings.map(networkOf))).toEqual(new Set(["2001:db8:0:7::/64"]));
  expect(networkOf("2001:db8:0:8::")).not.toBe(networkOf("2001:db8:0:7::"));
});

describe("what is no address counts as one client", () => {
  test.each([
    [undefined],
    [""],
    ["localhost"],
    ["192.0.2"],
    ["192.0.2.1.1"],
    ["192.0.2.01"],
    ["192.0.2.1 "],
    ["192.0.2.1000"],
    ["::ffff:192.0.2"],
    [":"],
    [":::"],
    ["1::2::3"],
    ["1:2:3:4:5:6:7"],
    ["1:2:3:4:5:6:7:8:9"],
    ["1:2:3:4:5:6:7:8::"],
    ["1:2:3:4::5:6:7:8"],
    ["2001:db8:1:2:3:4:5:6g"],
    ["2001:db8:1:2:3:4:5:00000"],
    ["2001:db8::1%eth0"],
    ["__proto__"],
    [`${"0".repeat(50)}::1`],
    ["a".repeat(100_000)],
  ])("%p", (text) => {
    expect(networkOf(text)).toBe("");
  });
});
