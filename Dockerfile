# docker build -t descent . && docker run --rm -p 8501:8501 descent
FROM python:3.11-slim

# The CPU build of torch by default. For a GPU, name the index of a CUDA build instead:
#   docker build --build-arg TORCH_INDEX=... .
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# More requirements, for example a login or a cluster: --build-arg EXTRA=requirements-auth.txt
ARG EXTRA=""

# No browser runs in a container: training takes what answering the pages leaves over.
ENV DESCENT_WORKER_NICE=19 \
    OMP_NUM_THREADS=1 \
    OMP_WAIT_POLICY=PASSIVE \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    MPLCONFIGDIR=/tmp/matplotlib

RUN useradd --create-home --uid 10001 app
WORKDIR /app

# What changes least comes first: torch, then the other packages, then the app.
RUN pip install --index-url "$TORCH_INDEX" torch==2.13.0
COPY requirements*.txt ./
RUN pip install -r requirements.txt
RUN for file in $EXTRA; do pip install -r "$file"; done
COPY . .
RUN python -m compileall -q app.py dlcore pages

# With an address of its own Streamlit does not ask the internet for one when it starts.
ENV STREAMLIT_BROWSER_SERVER_ADDRESS=localhost

USER app
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=2)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]
