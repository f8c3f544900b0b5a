#include "tests/fhir/support.h"

namespace heyi::fhir {
namespace {

constexpr const char* kPatient =
    R"({"resourceType":"Patient","id":"p1","name":[{"family":"王","given":["秀","英"]},{"text":"阿英"}],)"
    R"("birthDate":"1948-03","_birthDate":{"extension":[{"url":"http://x","valueCode":"lunar"}]},"multipleBirthInteger":2,)"
    R"("contained":[{"resourceType":"Organization","id":"o","name":"养老院"}]})";

NodeIndex At(const Tree& tree, std::initializer_list<std::string_view> members) {
  Node node = tree.root();
  for (const std::string_view member : members) node = node.Member(member);
  return node.index();
}

TEST(Tree, NodesKnowTheirDefinition) {
  const Tree tree = MustParse(kPatient);
  const Node root = tree.root();
  EXPECT_EQ(tree.type()->name, "Patient");
  EXPECT_EQ(tree.id(), "p1");
  const Node names = root.Member("name");
  EXPECT_TRUE(names.is_array());
  EXPECT_EQ(names.ChildCount(), 2u);
  EXPECT_EQ(names.type()->name, "HumanName");
  EXPECT_EQ(names.Child(1).property(), names.property());
  EXPECT_EQ(names.Child(1).TextAt("text"), "阿英");
  EXPECT_FALSE(names.Child(2));
  EXPECT_EQ(root.TextAt("birthDate"), "1948-03");
  EXPECT_TRUE(root.Member("_birthDate").underscore());
  EXPECT_EQ(root.Member("_birthDate").type()->name, "date");
  EXPECT_EQ(root.Member("_birthDate").Member("extension").Child(0).Member("valueCode").type()->name, "code");
  EXPECT_EQ(root.Member("multipleBirthInteger").kind(), NodeKind::kNumber);
  EXPECT_FALSE(root.Member("multipleBirth"));
  EXPECT_EQ(root.Member("contained").Child(0).type()->name, "Organization");
  EXPECT_EQ(root.TextAt("resourceType"), "Patient");
  EXPECT_EQ(root.Member("resourceType").type(), nullptr);
}

TEST(Tree, ExpressionsAreFhirPath) {
  const Tree tree = MustParse(kPatient);
  const Node root = tree.root();
  EXPECT_EQ(ExpressionOf(root), "Patient");
  EXPECT_EQ(ExpressionOf(root.Member("name").Child(0).Member("given").Child(1)), "Patient.name[0].given[1]");
  EXPECT_EQ(ExpressionOf(root.Member("_birthDate").Member("extension").Child(0).Member("valueCode")),
            "Patient.birthDate.extension[0].value");
  EXPECT_EQ(ExpressionOf(root.Member("contained").Child(0).Member("name")), "Patient.contained[0].name");
  EXPECT_EQ(ExpressionOf(Node()), "");
}

TEST(Tree, BuildsAResourceFromNothing) {
  Tree tree;
  tree.SetRoot(TestDefinitions().FindResource("Observation"));
  EXPECT_NE(tree.AddMember(0, "status", NodeKind::kString, "final"), kNoNode);
  const NodeIndex quantity = tree.AddMember(0, "valueQuantity", NodeKind::kObject);
  tree.AddMember(quantity, "value", NodeKind::kNumber, "1.00");
  const NodeIndex categories = tree.Ensure(0, "category");
  const NodeIndex category = tree.AddItem(categories, NodeKind::kObject);
  tree.AddMember(category, "text", NodeKind::kString, "a \"b\"");
  EXPECT_EQ(tree.Ensure(0, "category"), categories);
  EXPECT_EQ(tree.AddMember(0, "value", NodeKind::kString, "x"), kNoNode);
  EXPECT_EQ(tree.AddMember(0, "_category", NodeKind::kObject), kNoNode);
  tree.InsertEarlyMember(0, "meta", NodeKind::kObject);
  tree.InsertEarlyMember(0, "id", NodeKind::kString, "o1");
  EXPECT_EQ(WriteJson(tree),
            R"({"resourceType":"Observation","id":"o1","meta":{},"status":"final","valueQuantity":{"value":1.00},)"
            R"("category":[{"text":"a \"b\""}]})");
}

TEST(Tree, EarlyMembersFollowTypeAndId) {
  Tree with_id = MustParse(R"({"resourceType":"Patient","id":"p","active":true})");
  with_id.InsertEarlyMember(0, "meta", NodeKind::kObject);
  EXPECT_EQ(WriteJson(with_id), R"({"resourceType":"Patient","id":"p","meta":{},"active":true})");
  Tree late_id = MustParse(R"({"active":true,"id":"p","resourceType":"Patient"})");
  late_id.InsertEarlyMember(0, "meta", NodeKind::kObject);
  EXPECT_EQ(WriteJson(late_id), R"({"active":true,"id":"p","meta":{},"resourceType":"Patient"})");
  Tree only_type = MustParse(R"({"resourceType":"Patient"})");
  only_type.InsertEarlyMember(0, "id", NodeKind::kString, "n");
  EXPECT_EQ(WriteJson(only_type), R"({"resourceType":"Patient","id":"n"})");
  only_type.AddMember(0, "active", NodeKind::kBool, "true");
  EXPECT_EQ(WriteJson(only_type), R"({"resourceType":"Patient","id":"n","active":true})");
  Tree name = MustParse(R"({"resourceType":"Patient","name":[{"family":"f"}]})");
  const NodeIndex item = name.root().Member("name").Child(0).index();
  name.InsertEarlyMember(item, "id", NodeKind::kString, "1");
  EXPECT_EQ(WriteJson(name), R"({"resourceType":"Patient","name":[{"id":"1","family":"f"}]})");
}

TEST(Tree, RemovesFirstMiddleLastAndOnly) {
  Tree tree = MustParse(R"({"resourceType":"Patient","id":"p","active":true,"gender":"male"})");
  tree.RemoveMember(0, At(tree, {"active"}));
  EXPECT_EQ(WriteJson(tree), R"({"resourceType":"Patient","id":"p","gender":"male"})");
  tree.RemoveMember(0, At(tree, {"gender"}));
  tree.AddMember(0, "active", NodeKind::kBool, "false");
  EXPECT_EQ(WriteJson(tree), R"({"resourceType":"Patient","id":"p","active":false})");
  tree.RemoveMember(0, At(tree, {"resourceType"}));
  tree.RemoveMember(0, At(tree, {"id"}));
  tree.RemoveMember(0, At(tree, {"active"}));
  EXPECT_EQ(WriteJson(tree), "{}");
  tree.AddMember(0, "id", NodeKind::kString, "q");
  EXPECT_EQ(WriteJson(tree), R"({"id":"q"})");
}

TEST(Tree, CopiesOutliveWhatTheyCameFrom) {
  std::string before;
  Tree clone;
  Tree organization;
  Tree bundle;
  bundle.SetRoot(TestDefinitions().FindResource("Bundle"));
  const NodeIndex entry = bundle.AddItem(bundle.Ensure(0, "entry"), NodeKind::kObject);
  {
    Tree tree = MustParse(kPatient);
    tree.SetText(At(tree, {"birthDate"}), "1948-04");
    before = WriteJson(tree);
    clone = tree.Clone();
    organization = Tree::CopyOf(tree.root().Member("contained").Child(0));
    EXPECT_NE(bundle.AppendCopy(entry, tree.root()), kNoNode);
    tree.SetText(At(tree, {"birthDate"}), "1949");
  }
  EXPECT_EQ(WriteJson(clone), before);
  EXPECT_EQ(WriteJson(organization), R"({"resourceType":"Organization","id":"o","name":"养老院"})");
  EXPECT_EQ(organization.root().property(), nullptr);
  EXPECT_EQ(WriteJson(bundle), R"({"resourceType":"Bundle","entry":[{"resource":)" + before + "}]}");
  const Node patient = bundle.root().Member("entry").Child(0).Member("resource");
  EXPECT_EQ(patient.type()->name, "Patient");
  EXPECT_EQ(ExpressionOf(patient.Member("name")), "Bundle.entry[0].resource.name");
}

TEST(Tree, CopiesWithinItself) {
  Tree tree = MustParse(kPatient);
  const Node names = tree.root().Member("name");
  tree.AppendCopy(names.index(), names.Child(0));
  EXPECT_EQ(tree.root().Member("name").ChildCount(), 3u);
  EXPECT_EQ(tree.root().Member("name").Child(2).Member("given").Child(1).text(), "英");
  Tree practitioner;
  practitioner.SetRoot(TestDefinitions().FindResource("Practitioner"));
  EXPECT_NE(practitioner.AppendCopy(0, names), kNoNode);
  EXPECT_EQ(practitioner.AppendCopy(0, tree.root().Member("multipleBirthInteger")), kNoNode);
  EXPECT_EQ(practitioner.root().Member("name").property(), TestDefinitions().FindType("Practitioner")->Find("name"));
}

}  // namespace
}  // namespace heyi::fhir
