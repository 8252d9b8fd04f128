// Reads an SDF file with libsdformat, every policy at "error", and prints what it holds.
//
// One line a shape: "MODEL LINK collision|visual NAME GEOMETRY X Y Z YAW NUMBERS...", the pose in
// the world (or model) frame; one line a link: "link MODEL LINK MASS IXX IYY IZZ VALID"; one line
// a frame of the world: "frame NAME X Y Z YAW". Exit status 1 and the errors on stderr when the file
// is not valid.
#include <iostream>
#include <string>

#include <sdf/Box.hh>
#include <sdf/Collision.hh>
#include <sdf/Cylinder.hh>
#include <sdf/Frame.hh>
#include <sdf/Geometry.hh>
#include <sdf/Link.hh>
#include <sdf/Model.hh>
#include <sdf/ParserConfig.hh>
#include <sdf/Plane.hh>
#include <sdf/Root.hh>
#include <sdf/Sphere.hh>
#include <sdf/Visual.hh>
#include <sdf/World.hh>

namespace {
bool ok = true;

bool Report(const sdf::Errors &errors) {
  for (const auto &error : errors) std::cerr << error.Message() << "\n";
  if (!errors.empty()) ok = false;
  return errors.empty();
}

template <class Pose>
void PrintPose(const Pose &pose) {
  std::cout << " " << pose.Pos().X() << " " << pose.Pos().Y() << " " << pose.Pos().Z() << " "
            << pose.Rot().Yaw();
}

// Through the elements: libsdformat 12 has no class for a polyline yet.
void PrintPolylines(sdf::ElementPtr geometry) {
  auto ring = geometry->GetElement("polyline");
  std::cout << " " << ring->Get<double>("height");
  for (; ring; ring = ring->GetNextElement("polyline")) {
    std::cout << " ring";
    for (auto point = ring->GetElement("point"); point; point = point->GetNextElement("point"))
      std::cout << " " << point->GetValue()->GetAsString();
  }
}

void PrintGeometry(const sdf::Geometry &geometry) {
  if (geometry.Element()->HasElement("polyline")) return PrintPolylines(geometry.Element());
  switch (geometry.Type()) {
    case sdf::GeometryType::BOX: {
      const auto size = geometry.BoxShape()->Size();
      std::cout << " " << size.X() << " " << size.Y() << " " << size.Z();
      break;
    }
    case sdf::GeometryType::CYLINDER:
      std::cout << " " << geometry.CylinderShape()->Radius() << " "
                << geometry.CylinderShape()->Length();
      break;
    case sdf::GeometryType::SPHERE:
      std::cout << " " << geometry.SphereShape()->Radius();
      break;
    case sdf::GeometryType::PLANE:
      std::cout << " " << geometry.PlaneShape()->Size().X() << " "
                << geometry.PlaneShape()->Size().Y();
      break;
    default:
      std::cerr << "a geometry of an unexpected type\n";
      ok = false;
  }
}

const char *Name(const sdf::Geometry &geometry) {
  if (geometry.Element()->HasElement("polyline")) return "polyline";
  switch (geometry.Type()) {
    case sdf::GeometryType::BOX: return "box";
    case sdf::GeometryType::CYLINDER: return "cylinder";
    case sdf::GeometryType::SPHERE: return "sphere";
    case sdf::GeometryType::PLANE: return "plane";
    default: return "other";
  }
}

template <class Shape, class Pose>
void PrintShape(const std::string &kind, const sdf::Model &model, const sdf::Link &link,
                const Shape &shape, const Pose &linkPose) {
  Pose pose;
  Report(shape.SemanticPose().Resolve(pose));
  std::cout << model.Name() << " " << link.Name() << " " << kind << " " << shape.Name() << " "
            << Name(*shape.Geom());
  PrintPose(linkPose * pose);
  PrintGeometry(*shape.Geom());
  std::cout << "\n";
}

template <class Pose>
void PrintModel(const sdf::Model &model, const Pose &modelPose) {
  for (std::size_t i = 0; i < model.LinkCount(); ++i) {
    const auto &link = *model.LinkByIndex(i);
    Pose pose;
    Report(link.SemanticPose().Resolve(pose, "__model__"));
    pose = modelPose * pose;
    const auto &matrix = link.Inertial().MassMatrix();
    if (!model.Static())
      std::cout << "link " << model.Name() << " " << link.Name() << " " << matrix.Mass() << " "
                << matrix.DiagonalMoments().X() << " " << matrix.DiagonalMoments().Y() << " "
                << matrix.DiagonalMoments().Z() << " " << matrix.IsValid(0) << "\n";
    for (std::size_t k = 0; k < link.CollisionCount(); ++k)
      PrintShape("collision", model, link, *link.CollisionByIndex(k), pose);
    for (std::size_t k = 0; k < link.VisualCount(); ++k)
      PrintShape("visual", model, link, *link.VisualByIndex(k), pose);
  }
}
}  // namespace

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  sdf::ParserConfig config;
  config.SetWarningsPolicy(sdf::EnforcementPolicy::ERR);
  config.SetUnrecognizedElementsPolicy(sdf::EnforcementPolicy::ERR);
  config.SetDeprecatedElementsPolicy(sdf::EnforcementPolicy::ERR);
  sdf::Root root;
  if (!Report(root.Load(argv[1], config))) return 1;
  std::cout.precision(9);
  if (const auto *model = root.Model()) PrintModel(*model, model->RawPose());
  for (std::size_t w = 0; w < root.WorldCount(); ++w) {
    const auto &world = *root.WorldByIndex(w);
    for (std::size_t i = 0; i < world.ModelCount(); ++i) {
      const auto &model = *world.ModelByIndex(i);
      auto pose = model.RawPose();
      Report(model.SemanticPose().Resolve(pose));
      PrintModel(model, pose);
    }
    for (std::size_t i = 0; i < world.FrameCount(); ++i) {
      auto pose = world.FrameByIndex(i)->RawPose();
      Report(world.FrameByIndex(i)->SemanticPose().Resolve(pose));
      std::cout << "frame " << world.FrameByIndex(i)->Name();
      PrintPose(pose);
      std::cout << "\n";
    }
  }
  return ok ? 0 : 1;
}
