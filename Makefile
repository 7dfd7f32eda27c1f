# Hai lệnh: `make run` để dùng, `make test` để kiểm. Two commands: one to use it, one to check it.
bin := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run test bench lint format docs translations backup clean

help: ## Danh sách này / this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 22

run: .venv/.run ## Chạy thư viện (lần đầu: cài, tạo cơ sở dữ liệu, nạp tỉnh mẫu) / install, migrate, demo, serve
	@exec $(bin)/python -m library serve --migrate --demo

test: .venv/.test ## Kiểm tất cả trên SQLite và PostgreSQL / lint, types and all tests on both databases
	@.ci/test

bench: .venv/.test ## Đo tốc độ / measure beside the baseline
	@$(bin)/python -m tests.bench

lint: .venv/.test ## ruff và mypy / only lint and types
	@$(bin)/ruff check && $(bin)/ruff format --check && $(bin)/mypy

format: .venv/.test ## Sửa cách trình bày mã / let ruff fold and sort
	@$(bin)/ruff check --fix && $(bin)/ruff format

docs: .venv/.test ## Viết lại các trang tài liệu lấy từ mã / pages of docs/ that are made from the code
	@$(bin)/python -m docs.generate

translations: .venv/.test ## Gom câu chữ, cập nhật bản tiếng Anh / collect sentences, update and compile English
	@$(bin)/python docs/translations.py

backup: .venv/.run ## Sao lưu cơ sở dữ liệu / back the database up
	@$(bin)/python -m library backup

clean: ## Bỏ môi trường Python, giữ dữ liệu / remove .venv, keep the data
	rm -rf .venv build dist *.egg-info

# A stamp is as new as the list of what it installed: the second time nothing is done.
.venv/.run: setup.cfg pyproject.toml
	@.ci/need run
	@[ -x $(bin)/python ] || python3 -m venv .venv
	@echo "Máy đang cài các gói Python, chừng một phút."
	@$(bin)/python -m pip install -qq --disable-pip-version-check --editable .
	@touch $@

.venv/.test: setup.cfg pyproject.toml
	@.ci/need test
	@[ -x $(bin)/python ] || python3 -m venv .venv
	@echo "Máy đang cài các gói Python để kiểm, vài phút."
	@$(bin)/python -m pip install -qq --disable-pip-version-check --editable '.[test]'
	@touch $@ .venv/.run
